/// JSON that PostgreSQL keeps in parsed form (`jsonb`): key order, blanks and duplicate keys are not kept.
public struct JSONB: Sendable, Hashable {
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

extension JSONB: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `jsonb`.
    public static var postgresType: PostgresType { .jsonb }

    /// Writes the version byte and the text.
    ///
    /// Throws an error of code `encoding` where the bytes are not UTF-8, or hold a NUL, plain or as `\u0000`.
    public func encode(into buffer: inout PostgresBuffer) throws(PostgresError) {
        try Scan.requireStorable(bytes, asJSONB: true)
        buffer.write(byte: 1)
        buffer.write(bytes)
    }

    /// Reads `jsonb` and `json`.
    public init(from cell: PostgresCell) throws(PostgresError) {
        bytes = try cell.json(JSONB.self)
    }
}

extension PostgresCell {
    /// The text of a `json` or `jsonb`.
    func json<T>(_ wanted: T.Type) throws(PostgresError) -> [UInt8] {
        try withBytes { (bytes) throws(PostgresError) -> [UInt8] in
            guard let bytes else { throw nullError(wanted) }
            switch (typeOID, isText, bytes.first) {
            case (114, _, _), (3802, true, _): return [UInt8](bytes)
            case (3802, false, 1): return [UInt8](bytes.dropFirst())
            case (3802, _, _): throw malformed(wanted)
            default: throw typeError(wanted, accepted: "json and jsonb")
            }
        }
    }
}
