/// The `$1`, `$2`, … in a statement's text.
enum Placeholders {
    /// The text with `offset` added to the number of every parameter. What looks like one inside a literal, a quoted name or
    /// a comment is left alone.
    static func renumber(_ text: String, by offset: Int) -> String {
        guard offset > 0 else { return text }
        let lexer = SQLLexer(text)
        var result: [UInt8] = []
        result.reserveCapacity(lexer.bytes.count + 16)
        for token in lexer {
            if case .parameter(let number) = token.kind {
                result += Array("$\(number + offset)".utf8)
            } else {
                result += lexer.bytes[token.range]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
