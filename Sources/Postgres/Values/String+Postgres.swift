extension String: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `text`.
    public static var postgresType: PostgresType { .text }

    /// Writes UTF-8. Throws an error of code `encoding` where the text has a NUL in it, which PostgreSQL cannot store.
    public func encode(into buffer: inout PostgresBuffer) throws(PostgresError) {
        let start = buffer.count
        buffer.write(self)
        guard !buffer.hasNUL(from: start) else {
            throw PostgresError(
                .encoding, "the text has a NUL (U+0000) in it, which PostgreSQL cannot store",
                hint: "Remove it, or bind bytes ([UInt8], bytea).")
        }
    }

    /// Reads `text`, `varchar`, `bpchar`, `name`, `json`, `jsonb`, `xml`, `"char"` and whatever came as text.
    ///
    /// Throws an error of code `decoding` where the bytes are not UTF-8.
    public init(from cell: PostgresCell) throws(PostgresError) {
        self = try cell.withBytes { (bytes) throws(PostgresError) -> String in
            guard let bytes else { throw cell.nullError(String.self) }
            let text = try cell.utf8(of: bytes)
            guard let string = String(validating: text, as: UTF8.self) else {
                throw cell.error(
                    String.self, "its bytes are not UTF-8",
                    hint: "Decode [UInt8] of a bytea; the connection's client_encoding must be UTF8.")
            }
            return string
        }
    }
}

extension PostgresCell {
    /// The part of the bytes that is text.
    fileprivate func utf8(of bytes: UnsafeRawBufferPointer) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard !isText else { return bytes }
        switch typeOID {
        case 25, 1043, 1042, 19, 705, 114, 142, 18:
            return bytes
        case 3802:
            guard bytes.first == 1 else { throw malformed(String.self) }
            return UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        default:
            throw error(
                String.self, "that Swift type reads text, varchar, bpchar, name, json, jsonb and xml",
                hint: "Cast it in SQL: (…)::text.")
        }
    }
}
