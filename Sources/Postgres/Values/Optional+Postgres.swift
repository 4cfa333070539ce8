extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    /// Reads null as nil.
    @inlinable
    public init(from cell: PostgresCell) throws(PostgresError) {
        self = cell.isNull ? nil : try Wrapped(from: cell)
    }
}

extension Optional: PostgresArrayDecodable where Wrapped: PostgresDecodable & PostgresArrayDecodable {}

extension Optional: PostgresArrayEncodable where Wrapped: PostgresEncodable & PostgresArrayEncodable {
    /// The array type over the wrapped type.
    public static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }

    /// Writes nil as null.
    @inlinable
    public static func encodeArray(
        _ elements: [Wrapped?], into buffer: inout PostgresBuffer
    ) throws(PostgresError) {
        let hasNull = elements.contains { $0 == nil }
        try buffer.writeArrayHead(of: Wrapped.postgresType, count: elements.count, hasNull: hasNull)
        for element in elements {
            guard let element else {
                buffer.write(-1 as Int32)
                continue
            }
            try buffer.writeElement(element)
        }
    }
}
