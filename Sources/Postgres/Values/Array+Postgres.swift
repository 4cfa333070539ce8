extension Array: PostgresEncodable where Element: PostgresArrayEncodable {
    /// The array type over the element's type; `bytea` for `[UInt8]`.
    public static var postgresType: PostgresType { Element.postgresArrayType }

    /// Writes a one-dimensional array whose first index is 1, as PostgreSQL's own arrays are.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) throws(PostgresError) {
        try Element.encodeArray(self, into: &buffer)
    }
}

extension Array: PostgresDecodable where Element: PostgresArrayDecodable {
    /// Reads a one-dimensional array; bytes for `[UInt8]`.
    ///
    /// Throws an error of code `decoding` where the array has more than one dimension, or an element cannot be decoded.
    @inlinable
    public init(from cell: PostgresCell) throws(PostgresError) {
        self = try Element.decodeArray(from: cell)
    }
}

// Arrays of bytes are `bytea` and may be elements themselves. No other array may: PostgreSQL's arrays of arrays must be
// rectangular, which Swift's need not be, so they do not compile.
extension Array: PostgresArrayEncodable where Element == UInt8 {}
extension Array: PostgresArrayDecodable where Element == UInt8 {}

extension UInt8: PostgresArrayEncodable, PostgresArrayDecodable {
    /// `bytea`: an array of bytes is not an array to PostgreSQL.
    public static var postgresArrayType: PostgresType { .bytea }

    /// Writes the bytes as they are.
    public static func encodeArray(_ elements: [UInt8], into buffer: inout PostgresBuffer) {
        buffer.write(elements)
    }

    /// Reads `bytea`.
    public static func decodeArray(from cell: PostgresCell) throws(PostgresError) -> [UInt8] {
        try cell.withBytes { (bytes) throws(PostgresError) -> [UInt8] in
            guard let bytes else { throw cell.nullError([UInt8].self) }
            guard cell.typeOID == 17, !cell.isText else { throw cell.typeError([UInt8].self, accepted: "bytea") }
            return [UInt8](bytes)
        }
    }
}

extension PostgresArrayEncodable where Self: PostgresEncodable {
    /// The array type over the type.
    public static var postgresArrayType: PostgresType { postgresType.array }

    /// Writes the elements one behind another into the same buffer.
    @inlinable
    public static func encodeArray(_ elements: [Self], into buffer: inout PostgresBuffer) throws(PostgresError) {
        try buffer.writeArrayHead(of: postgresType, count: elements.count, hasNull: false)
        for element in elements {
            try buffer.writeElement(element)
        }
    }
}

extension PostgresBuffer {
    /// Writes what stands before the elements. Source: `array_recv` in PostgreSQL's `arrayfuncs.c`.
    @usableFromInline
    mutating func writeArrayHead(of type: PostgresType, count: Int, hasNull: Bool) throws(PostgresError) {
        guard type.oid != 0, type.arrayOID != 0 else {
            throw PostgresError(
                .encoding, "an array of \(type.name) cannot be bound, because the ids of its types are not known",
                hint: "Give its PostgresType both ids, or bind an array of text and cast it in SQL.")
        }
        guard let length = Int32(exactly: count) else {
            throw PostgresError(.encoding, "an array of \(count) elements is longer than PostgreSQL allows")
        }
        // A guess of eight bytes and a length for each; what is longer makes the buffer grow.
        reserve(20 + 12 * count)
        write(Int32(length == 0 ? 0 : 1))
        write(Int32(hasNull ? 1 : 0))
        write(type.oid)
        guard length > 0 else { return }
        write(length)
        write(1 as Int32)
    }

    @inlinable
    mutating func writeElement<T: PostgresEncodable>(_ element: T) throws(PostgresError) {
        let start = count
        write(0 as Int32)
        try element.encode(into: &self)
        try setLength(at: start)
    }
}
