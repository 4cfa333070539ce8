public import Migrations

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How a schema stands to the migrations that a program knows: what was applied, what is pending, and what does not fit.
///
/// It is a comparison of two lists and nothing else; ``Migrator`` reads the one and applies the other.
public struct MigrationStatus: Sendable, Hashable {
    /// The schema's name.
    public let schema: String
    /// What this program knows, by number.
    public let known: [Migration]
    /// What the database has recorded, by number.
    public let recorded: [RecordedMigration]

    /// Compares the two lists; their order does not matter.
    public init(schema: String, known: [Migration], recorded: [RecordedMigration]) {
        self.schema = schema
        self.known = known.sorted { $0.number < $1.number }
        self.recorded = recorded.sorted { $0.number < $1.number }
    }

    /// What would be applied next, in order.
    public var pending: [Migration] {
        let done = Set(recorded.map(\.number))
        return known.filter { !done.contains($0.number) }
    }

    /// Refuses to go on where what was applied is not what this program knows.
    ///
    /// - Throws: ``MigrationError`` with code `schemaNewer`, `edited` or `gap`.
    public func requireConsistent() throws(MigrationError) {
        let byNumber = Dictionary(known.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        for record in recorded {
            guard let migration = byNumber[record.number] else { throw newer(record) }
            guard record.name == migration.name else { throw renamed(record, migration) }
            if let checksum = record.checksum, checksum != migration.checksum { throw edited(record, migration) }
        }
        if let last = recorded.last, let missing = pending.first(where: { $0.number < last.number }) {
            throw MigrationError(
                .gap,
                "schema \(schema) has recorded \(last.number) \"\(last.name)\", and not \(missing.fileName) before it",
                hint:
                    "Was the record deleted, or a file run by hand out of order? If \(missing.fileName) did run, record it: "
                    + "insert into \(schema).migrations (number, name) values (\(missing.number), '\(missing.name)');")
        }
    }

    /// Refuses to go on where this program and the schema do not fit each other exactly.
    ///
    /// - Throws: ``MigrationError`` with code `notMigrated`, `schemaOlder`, `schemaNewer`, `edited` or `gap`.
    public func requireCurrent() throws(MigrationError) {
        guard !recorded.isEmpty || known.isEmpty else {
            throw MigrationError(
                .notMigrated, "there is no schema \(schema) in this database, or nothing was applied to it",
                hint: "Run `skald migrate apply` as a role that may create it, or correct the schema's name.")
        }
        try requireConsistent()
        guard let first = pending.first else { return }
        throw MigrationError(
            .schemaOlder,
            "schema \(schema) is at migration \(recorded.last?.number ?? 0), and this program needs \(known.last?.number ?? 0)",
            hint: "Run `skald migrate apply`; \(first.fileName) is next.")
    }

    private func newer(_ record: RecordedMigration) -> MigrationError {
        MigrationError(
            .schemaNewer,
            "schema \(schema) has migration \(record.number) \"\(record.name)\", and this program knows only "
                + "\(known.last?.number ?? 0)",
            hint: "Use a newer version of this program; a schema does not go back.")
    }

    private func renamed(_ record: RecordedMigration, _ migration: Migration) -> MigrationError {
        MigrationError(
            .edited,
            "migration \(record.number) was applied to schema \(schema) as \"\(record.name)\", and is \(migration.fileName) here",
            hint: "A released file keeps its number and name. Is this program built from another branch?")
    }

    private func edited(_ record: RecordedMigration, _ migration: Migration) -> MigrationError {
        MigrationError(
            .edited,
            "\(migration.fileName) was edited after it had been applied to schema \(schema): its checksum is "
                + "\(migration.checksum), and \(record.checksum ?? "none") was recorded",
            hint: "Restore the file as it was released, and put the change into a new one.")
    }
}

extension MigrationStatus: CustomStringConvertible {
    /// A line for each migration, in order: what was applied when and by whom, and what is pending.
    public var description: String {
        let records = Dictionary(recorded.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        let names = known.map { (number: $0.number, text: $0.fileName) }
        let strangers = recorded.filter { record in !known.contains { $0.number == record.number } }
            .map { (number: $0.number, text: Migration(number: $0.number, name: $0.name, sql: "").fileName) }
        let lines = (names + strangers).sorted { $0.number < $1.number }.map { entry in
            let what = records[entry.number].map { record in
                "applied \(record.appliedAt.formatted(.iso8601)) by \(record.appliedBy)"
                    + (record.checksum == nil ? ", by hand" : "")
            }
            let isKnown = known.contains { $0.number == entry.number }
            return "\(entry.text)  \(what ?? "pending")" + (isKnown ? "" : ", unknown to this program")
        }
        return lines.joined(separator: "\n")
    }
}
