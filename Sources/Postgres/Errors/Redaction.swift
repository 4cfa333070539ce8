/// Blots passwords out of what may be logged.
enum Redaction {
    static let blot = "***"

    static func message(_ m: String, connectionString: String) -> String { m }
    static func statement(_ s: String) -> String { s }

    /// libpq ends its messages with a newline.
    static func trimmed(_ text: String, ifEmpty replacement: String) -> String {
        guard let last = text.lastIndex(where: { !$0.isWhitespace }) else { return replacement }
        return String(text[...last])
    }
}
