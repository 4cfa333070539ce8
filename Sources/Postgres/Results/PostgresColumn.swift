/// What a result says about one of its columns.
public struct PostgresColumn: Sendable, Hashable {
    /// The column's name.
    public let name: String

    /// The type of its values.
    public let type: PostgresType
}
