extension PostgresDate: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `date`.
    public static var postgresType: PostgresType { .date }

    /// Writes the number of days.
    public func encode(into buffer: inout PostgresBuffer) { buffer.write(daysSince2000) }

    /// Reads `date`. Throws an error of code `decoding` for `infinity` and `-infinity`.
    public init(from cell: PostgresCell) throws(PostgresError) {
        let days = try cell.withBytes { (bytes) throws(PostgresError) -> Int32 in
            guard let bytes else { throw cell.nullError(PostgresDate.self) }
            guard cell.typeOID == 1082, !cell.isText else {
                throw cell.typeError(PostgresDate.self, accepted: "date")
            }
            guard bytes.count == 4 else { throw cell.malformed(PostgresDate.self) }
            return Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))
        }
        guard days != .max, days != .min else {
            throw cell.error(
                PostgresDate.self, "it is \(days > 0 ? "" : "-")infinity",
                hint: "Select nullif(…, 'infinity') and decode PostgresDate?, or keep infinity out by a check.")
        }
        guard let date = PostgresDate(daysSince2000: Int(days)) else { throw cell.malformed(PostgresDate.self) }
        self = date
    }
}
