/// Finds `$1`, `$2`, … in a statement's text.
enum Placeholders {
    /// The text with `offset` added to the number of every parameter.
    static func renumber(_ text: String, by offset: Int) -> String {
        guard offset > 0 else { return text }
        var result = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[...dollar]
            rest = rest[rest.index(after: dollar)...]
            let digits = rest.prefix(while: { $0.isASCII && $0.isNumber })
            guard let number = Int(digits) else { continue }
            result += String(number + offset)
            rest = rest[digits.endIndex...]
        }
        return result + rest
    }
}
