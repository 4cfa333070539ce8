/// Lines of code, compared without what surrounds them: blank lines at the ends and the indentation that all lines share.
struct CodeText: Hashable, CustomStringConvertible {
    let lines: [String]

    init(_ lines: some Sequence<some StringProtocol>) {
        var kept = lines.map { line in
            String(line.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        }
        while kept.first?.isEmpty == true { kept.removeFirst() }
        while kept.last?.isEmpty == true { kept.removeLast() }
        let shared = kept.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        self.lines = kept.map { String($0.dropFirst(shared)) }
    }

    init(_ text: String) {
        self.init(text.split(separator: "\n", omittingEmptySubsequences: false))
    }

    /// Several parts with a blank line between them.
    init(joining parts: [CodeText]) {
        self.init(parts.map(\.description).joined(separator: "\n\n"))
    }

    var description: String { lines.joined(separator: "\n") }

    /// How many lines at the beginning are the same.
    func sharedLines(with other: CodeText) -> Int {
        zip(lines, other.lines).prefix { $0 == $1 }.count
    }
}
