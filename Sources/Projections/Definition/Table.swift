public import Postgres

/// A table of a projection's, to be put in its statements: `"delete from \(seats) where seat = \(seat)"`.
///
/// Not a plain string, so that it is an identifier and not a value in SQL, and so that a later version of the projection
/// can be built in tables of its own beside this one.
public struct Table: Sendable, Hashable {
    /// The table's name, looked up along the connection's `search_path`.
    public let name: String

    /// Names a table. It is created by the service's own migrations.
    public init(_ name: String) {
        self.name = name
    }
}

extension SQL.StringInterpolation {
    /// Puts a table's name in, quoted.
    public mutating func appendInterpolation(_ table: Table) {
        appendInterpolation(identifier: table.name)
    }
}
