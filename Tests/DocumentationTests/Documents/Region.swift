/// A part of a compiled file that stands in a document, between `// docs: NAME` and `// docs: end`.
///
/// Parts of one name in one file belong together: imports at its top and statements in a test's body, for example.
struct Region {
    let name: String
    /// The file, from the package's root on.
    let path: String
    let code: CodeText

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: ``Malformed`` where a region is not closed, or one is opened in another.
    static func all(in text: String, path: String) throws -> [Region] {
        var parts: [String: [CodeText]] = [:]
        var order: [String] = []
        var open: (name: String, lines: [Substring])?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard let name = mark(in: line) else {
                open?.lines.append(line)
                continue
            }
            switch (name, open) {
            case ("end", let region?):
                if parts[region.name] == nil { order.append(region.name) }
                parts[region.name, default: []].append(CodeText(region.lines))
                open = nil
            case ("end", nil): throw Malformed(description: "\(path):\(index + 1): no region is open here")
            case (_, let region?):
                throw Malformed(description: "\(path):\(index + 1): \"\(region.name)\" is still open")
            case (_, nil): open = (name, [])
            }
        }
        if let open { throw Malformed(description: "\(path): \"\(open.name)\" has no end") }
        return order.map { Region(name: $0, path: path, code: CodeText(joining: parts[$0] ?? [])) }
    }

    private static func mark(in line: Substring) -> String? {
        let mark = line.drop { $0 == " " }
        return mark.hasPrefix("// docs: ") ? String(mark.dropFirst("// docs: ".count)) : nil
    }
}
