/// A configuration file, in the form of `postgresql.conf`: one `name = value` a line, `#` begins a comment.
///
/// Values that contain blanks at their ends, quotes or `#` stand in single quotes, with a quote inside doubled.
struct ConfigurationFile: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        let value: String
        let line: Int
    }

    /// The file's name as the user gave it.
    let path: String
    private(set) var entries: [String: Entry] = [:]
    private(set) var problems: [ConfigurationProblem] = []

    init(path: String, text: String, known: [Setting]) {
        self.path = path
        guard !text.contains(where: { $0 == "\0" || $0 == "\u{FFFD}" }) else {
            problems.append(ConfigurationProblem("\(path) is not a text file"))
            return
        }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            do {
                guard let (key, value) = try Self.parse(line) else { continue }
                try accept(key, value, line: index + 1, known: known)
            } catch {
                problems.append(ConfigurationProblem("\(path):\(index + 1): \(error)"))
            }
        }
    }

    private mutating func accept(
        _ key: String, _ value: String, line: Int, known: [Setting]
    ) throws(ConfigurationProblem) {
        guard known.contains(where: { $0.key == key }) else {
            throw ConfigurationProblem(
                "there is no setting '\(key)'\(Suggestion.question(for: key, among: known.map(\.key)))")
        }
        if let earlier = entries[key] {
            throw ConfigurationProblem("\(key) is given twice, first in line \(earlier.line); remove one of them")
        }
        entries[key] = Entry(value: value, line: line)
    }

    /// The name and value of a line; nil if it holds only blanks and a comment.
    private static func parse(_ line: Substring) throws(ConfigurationProblem) -> (String, String)? {
        let line = line.trimmed
        if line.isEmpty || line.hasPrefix("#") { return nil }
        guard let equals = line.firstIndex(of: "=") else {
            throw ConfigurationProblem("'\(line)' is not of the form name = value")
        }
        let rest = line[line.index(after: equals)...].trimmed
        let value = rest.hasPrefix("'") ? try quoted(rest) : String(rest.prefix { $0 != "#" }.trimmed)
        return (String(line[..<equals].trimmed), value)
    }

    private static func quoted(_ text: Substring) throws(ConfigurationProblem) -> String {
        var value = ""
        var rest = text.dropFirst()
        while let next = rest.popFirst() {
            guard next == "'" else {
                value.append(next)
                continue
            }
            if rest.first == "'" {
                value.append("'")
                rest.removeFirst()
            } else if rest.trimmed.isEmpty || rest.trimmed.hasPrefix("#") {
                return value
            } else {
                throw ConfigurationProblem("there is text after the closing quote; write a quote inside a value twice")
            }
        }
        throw ConfigurationProblem("the closing quote is missing")
    }

    /// A value as it would have to stand in a file.
    static func written(_ value: String) -> String {
        let plain = !value.isEmpty && value == value[...].trimmed && !value.contains { "'#\n".contains($0) }
        return plain ? value : "'\(value.replacing("'", with: "''"))'"
    }
}

extension Substring {
    /// Without blanks at both ends.
    fileprivate var trimmed: Substring {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...last]
    }
}
