extension Bool: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `bool`.
    public static var postgresType: PostgresType { .bool }

    /// Writes one byte, 0 or 1.
    public func encode(into buffer: inout PostgresBuffer) { buffer.write(byte: self ? 1 : 0) }

    /// Reads `bool`.
    public init(from cell: PostgresCell) throws(PostgresError) {
        self = try cell.withBytes { (bytes) throws(PostgresError) -> Bool in
            guard let bytes else { throw cell.nullError(Bool.self) }
            guard cell.typeOID == 16, !cell.isText else { throw cell.typeError(Bool.self, accepted: "bool") }
            guard bytes.count == 1, bytes[0] <= 1 else { throw cell.malformed(Bool.self) }
            return bytes[0] == 1
        }
    }
}
