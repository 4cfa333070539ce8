/// A value that can be read from a cell of a result.
public protocol PostgresDecodable: Sendable {
    /// Reads the value.
    ///
    /// Throws an error of code `decoding` where the cell is null, is of another type, or holds what the Swift type cannot.
    init(from cell: PostgresCell) throws(PostgresError)
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    /// Reads the raw value. Throws an error of code `decoding` where there is no value with this raw value.
    public init(from cell: PostgresCell) throws(PostgresError) {
        guard let value = Self(rawValue: try RawValue(from: cell)) else {
            throw cell.error(Self.self, "it is none of the type's values")
        }
        self = value
    }
}
