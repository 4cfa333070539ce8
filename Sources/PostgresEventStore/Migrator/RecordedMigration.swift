import Postgres

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A migration as the database has recorded it, in `skald.migrations`.
public struct RecordedMigration: Sendable, Hashable {
    /// Its number.
    public let number: Int
    /// Its name, without number and `.sql`.
    public let name: String
    /// SHA-256 of the file as it was applied; nil where it was run by hand, in psql.
    public let checksum: String?
    /// When, by the database's clock.
    public let appliedAt: Date
    /// The role that applied it.
    public let appliedBy: String

    /// Describes a record.
    public init(number: Int, name: String, checksum: String?, appliedAt: Date, appliedBy: String) {
        self.number = number
        self.name = name
        self.checksum = checksum
        self.appliedAt = appliedAt
        self.appliedBy = appliedBy
    }
}

extension RecordedMigration {
    init(_ row: Row) throws(PostgresError) {
        let number: Int32 = try row.decode("number")
        self.init(
            number: Int(number), name: try row.decode("name"), checksum: try row.decode("checksum"),
            appliedAt: try row.decode("applied_at"), appliedBy: try row.decode("applied_by"))
    }
}
