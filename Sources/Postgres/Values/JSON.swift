/// JSON that PostgreSQL keeps as the text it was given (`json`): key order and blanks stay as they are.
public struct JSON: Sendable, Hashable {
    /// The text in UTF-8. Equality is that of these bytes.
    public var bytes: [UInt8]

    /// JSON in UTF-8. Whether it is JSON is for the server to say, when it is sent.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// JSON as text.
    public init(_ text: String) {
        bytes = Array(text.utf8)
    }
}

extension JSON: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `json`.
    public static var postgresType: PostgresType { .json }

    /// Writes the text.
    ///
    /// Throws an error of code `encoding` where the bytes are not UTF-8 or hold a NUL. The escape `\u0000` is allowed, as
    /// PostgreSQL allows it in `json`.
    public func encode(into buffer: inout PostgresBuffer) throws(PostgresError) {
        try Scan.requireStorable(bytes, asJSONB: false)
        buffer.write(bytes)
    }

    /// Reads `json` and `jsonb`.
    public init(from cell: PostgresCell) throws(PostgresError) {
        bytes = try cell.json(JSON.self)
    }
}
