extension Int16: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `int2`.
    public static var postgresType: PostgresType { .int2 }

    /// Writes two bytes.
    public func encode(into buffer: inout PostgresBuffer) { buffer.write(self) }

    /// Reads `int2`, `int4` and `int8`. Throws an error of code `decoding` where the value does not fit.
    public init(from cell: PostgresCell) throws(PostgresError) { self = try cell.integer() }
}

extension Int32: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `int4`.
    public static var postgresType: PostgresType { .int4 }

    /// Writes four bytes.
    public func encode(into buffer: inout PostgresBuffer) { buffer.write(self) }

    /// Reads `int2`, `int4` and `int8`. Throws an error of code `decoding` where the value does not fit.
    public init(from cell: PostgresCell) throws(PostgresError) { self = try cell.integer() }
}

extension Int64: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `int8`.
    public static var postgresType: PostgresType { .int8 }

    /// Writes eight bytes.
    public func encode(into buffer: inout PostgresBuffer) { buffer.write(self) }

    /// Reads `int2`, `int4`, `int8` and `oid`.
    public init(from cell: PostgresCell) throws(PostgresError) { self = try cell.integer() }
}

extension Int: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `int8`, also where Swift's `Int` is narrower.
    public static var postgresType: PostgresType { .int8 }

    /// Writes eight bytes.
    public func encode(into buffer: inout PostgresBuffer) { buffer.write(Int64(self)) }

    /// Reads `int2`, `int4`, `int8` and `oid`. Throws an error of code `decoding` where the value does not fit.
    public init(from cell: PostgresCell) throws(PostgresError) { self = try cell.integer() }
}

extension PostgresCell {
    /// Reads any of the integer types into any other, as long as the value fits.
    @inline(__always)
    func integer<I: FixedWidthInteger & SignedInteger & Sendable>() throws(PostgresError) -> I {
        let wide = try withBytes { (bytes) throws(PostgresError) -> Int64 in
            guard let bytes else { throw nullError(I.self) }
            guard !isText else { throw typeError(I.self, accepted: "int2, int4, int8 and oid") }
            switch (typeOID, bytes.count) {
            case (20, 8): return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
            case (23, 4): return Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
            case (21, 2): return Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
            case (26, 4): return Int64(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
            case (20, _), (21, _), (23, _), (26, _): throw malformed(I.self)
            default: throw typeError(I.self, accepted: "int2, int4, int8 and oid")
            }
        }
        guard let value = I(exactly: wide) else {
            throw error(I.self, "the value is beyond \(I.min) to \(I.max)", hint: "Decode it as Int64.")
        }
        return value
    }
}
