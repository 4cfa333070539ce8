/// libpq's keyword/value form: `host=/tmp/x user='a b'`.
struct ConnectionString {
    var parameters: [(keyword: String, value: String)]

    var text: String {
        parameters.map { "\($0.keyword)=\(Self.quoted($0.value))" }.joined(separator: " ")
    }

    /// Quotes only where libpq asks for it, so that the usual string can be read and pasted.
    static func quoted(_ value: String) -> String {
        let plain = !value.isEmpty && value.utf8.allSatisfy { !$0.isSpaceOrQuote }
        if plain { return value }
        return "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}

extension UInt8 {
    fileprivate var isSpaceOrQuote: Bool {
        self <= UInt8(ascii: " ") || self == UInt8(ascii: "'") || self == UInt8(ascii: "\\")
    }
}

/// An SQL identifier in double quotes.
func quotedIdentifier(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
}
