/// An import as it stands in a file.
struct Import: Equatable {
    let module: String
    /// From 1 on.
    let line: Int

    /// The imports of a Swift file. Comments and the text of multi-line strings are no imports.
    static func all(in source: String) -> [Import] {
        var imports: [Import] = []
        var isInString = false
        for (index, line) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if !isInString, let module = module(line) { imports.append(Import(module: module, line: index + 1)) }
            if !(line.split(separator: "\"\"\"", omittingEmptySubsequences: false).count - 1).isMultiple(of: 2) {
                isInString.toggle()
            }
        }
        return imports
    }

    private static func module(_ line: Substring) -> String? {
        let modifiers: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        var words = line.split(whereSeparator: \.isWhitespace)[...]
        while let word = words.first, word.hasPrefix("@") || modifiers.contains(word) { words.removeFirst() }
        guard words.popFirst() == "import" else { return nil }
        if let word = words.first, kinds.contains(word) { words.removeFirst() }
        return words.first?.split(whereSeparator: { $0 == "." || $0 == ";" }).first.map(String.init)
    }
}
