/// A value that can be an element of an array that is read from a cell.
///
/// The default implementation serves every type that is `PostgresDecodable` itself.
public protocol PostgresArrayDecodable: Sendable {
    /// Reads a whole array.
    static func decodeArray(from cell: PostgresCell) throws(PostgresError) -> [Self]
}
