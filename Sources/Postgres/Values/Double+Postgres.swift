extension Double: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `float8`.
    public static var postgresType: PostgresType { .float8 }

    /// Writes the eight bytes of IEEE 754. Infinities, NaN and negative zero are kept.
    public func encode(into buffer: inout PostgresBuffer) { buffer.write(bitPattern) }

    /// Reads `float8` and `float4`. For `numeric`, which would lose digits, there is ``PostgresNumeric``.
    public init(from cell: PostgresCell) throws(PostgresError) {
        self = try cell.withBytes { (bytes) throws(PostgresError) -> Double in
            guard let bytes else { throw cell.nullError(Double.self) }
            guard !cell.isText else { throw cell.typeError(Double.self, accepted: "float8 and float4") }
            switch (cell.typeOID, bytes.count) {
            case (701, 8): return Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
            case (700, 4): return Double(Float(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))))
            case (701, _), (700, _): throw cell.malformed(Double.self)
            default: throw cell.typeError(Double.self, accepted: "float8 and float4")
            }
        }
    }
}
