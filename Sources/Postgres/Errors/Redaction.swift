/// Blots passwords out of what may be logged.
///
/// Where it is not clear what is a password, more is blotted than need be.
enum Redaction {
    /// What stands in place of a password.
    static let blot = "***"

    /// A statement's text without the passwords that stand in it as literals: `password '***'`, and any literal that
    /// looks like a connection string with a password in it.
    static func statement(_ text: String) -> String {
        guard mayHoldSecret(text) else { return text }
        let lexer = SQLLexer(text)
        var result = ""
        var followsPassword = false
        for token in lexer {
            let tokenText = lexer.text(of: token)
            switch token.kind {
            case .literal:
                result += literal(tokenText, isPassword: followsPassword)
                followsPassword = false
            case .word:
                followsPassword = isPasswordWord(tokenText) || (followsPassword && isPasswordPrefix(tokenText))
                result += tokenText
            case .blank, .symbol:
                // `password = '…'`, `password := '…'`, `U&'…'`: the literal is still the password.
                result += tokenText
            case .comment:
                // A comment may say anything, such as the statement that was commented out.
                result += mayHoldSecret(tokenText) ? "/* \(blot) */" : tokenText
            case .quotedName, .parameter:
                followsPassword = isPasswordWord(String(tokenText.dropFirst().dropLast()))
                result += tokenText
            }
        }
        return result
    }

    /// The server's call stack without the values of parameters, which `log_parameter_max_length_on_error` puts there.
    ///
    /// The words around them are translated, so the first parameter itself is looked for. All that follows goes with it: a
    /// value may have line ends in it, and the stack's outermost entry is the one that has them.
    static func context(_ text: String) -> String {
        let starts = ["$1 = '", "$1 = NULL"].compactMap { text.firstRange(of: $0)?.lowerBound }
        guard let start = starts.min() else { return text }
        return text[..<start] + blot
    }

    /// Text without the blanks at its end: libpq ends its messages with a newline.
    static func trimmed(_ text: String, ifEmpty replacement: String) -> String {
        guard let last = text.lastIndex(where: { !$0.isWhitespace }) else { return replacement }
        return String(text[...last])
    }

    /// The cheap test that lets nearly every statement through as it is.
    private static func mayHoldSecret(_ text: String) -> Bool {
        text.contains("://") || text.lowercased().contains("passw")
    }

    private static func isPasswordWord(_ word: String) -> Bool {
        ["password", "sslpassword", "passwd"].contains(word.lowercased())
    }

    /// The letters before a literal's quote: `N'…'`, `U&'…'`.
    private static func isPasswordPrefix(_ word: String) -> Bool {
        ["n", "u", "b", "x"].contains(word.lowercased())
    }

    private static func literal(_ text: String, isPassword: Bool) -> String {
        if isPassword { return "'\(blot)'" }
        guard mayHoldSecret(text) else { return text }
        guard let body = dollarQuotedBody(text) else {
            // A connection string, or a statement inside a literal with its quotes doubled.
            let isHarmless = !text.contains("=") && !text.contains("@") && !text.dropFirst().dropLast().contains("'")
            return isHarmless ? text : "'\(blot)'"
        }
        let mark = text.prefix(text.distance(from: text.startIndex, to: body.startIndex))
        return mark + statement(String(body)) + mark
    }

    /// What stands between `$tag$` and `$tag$`; nil for other literals, and for those without an end.
    private static func dollarQuotedBody(_ text: String) -> Substring? {
        guard text.first == "$", let end = text.dropFirst().firstIndex(of: "$") else { return nil }
        let mark = text[...end]
        let rest = text[text.index(after: end)...]
        guard rest.hasSuffix(mark) else { return nil }
        return rest.dropLast(mark.count)
    }
}
