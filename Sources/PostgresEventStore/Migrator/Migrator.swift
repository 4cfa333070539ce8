public import Migrations
public import Postgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Brings a database's schema to what this program needs: applies the SQL files of `Migrations/`, in order.
///
/// Each file runs in a transaction of its own, together with its record in `skald.migrations`; under a lock, so that any
/// number of processes may migrate at once. What was applied is never applied again, and a file that was edited afterwards
/// is refused. A process that dies in the middle leaves whole migrations only; the next call goes on.
///
/// ```swift
/// let migrator = try Migrator(client)
/// try await migrator.apply()            // at a deployment, as a role that may create roles and schemas
/// try await migrator.requireCurrent()   // at the start of a service, as its own role
/// ```
///
/// ``PostgresEventStore/run()`` asks for the second by itself.
///
/// The files also run by hand, in psql: `psql --single-transaction -v ON_ERROR_STOP=1 -f Migrations/0001_log.sql`. They record
/// themselves, without a checksum: "by hand". For another schema replace the name first, as the migrator does.
///
/// A schema brings four roles without a login: `skald_owner`, `skald_writer`, `skald_reader` and `skald_operator`. Missing
/// ones are created; where the migrating role may not, the error says what to run as an administrator.
public struct Migrator: Sendable {
    /// The schema's name; the roles' names begin with it.
    public let schema: SchemaName
    /// What this program knows, by number.
    public let migrations: [Migration]
    /// How long to wait for another process that is migrating. Default: 5 minutes.
    public var lockDeadline: Duration = .seconds(300)
    /// How long one file may take. Default: 1 hour.
    public var migrationDeadline: Duration = .seconds(3600)

    private let client: PostgresClient

    /// Makes a migrator; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - client: a client that runs.
    ///   - schema: its schema; `skald` unless given.
    ///   - migrations: numbered 1, 2, 3, …; those of Skald unless given.
    /// - Throws: ``MigrationError`` with code `invalidMigrations`.
    public init(
        _ client: PostgresClient, schema: SchemaName = .standard, migrations: [Migration] = Migration.all
    ) throws(MigrationError) {
        let sorted = migrations.sorted { $0.number < $1.number }
        guard sorted.map(\.number) == Array(1..<(sorted.count + 1)) else {
            throw MigrationError(
                .invalidMigrations,
                "the migrations are numbered \(sorted.map { String($0.number) }.joined(separator: ", "))",
                hint: "Number them 1, 2, 3, … without holes.")
        }
        self.client = client
        self.schema = schema
        self.migrations = sorted
    }

    /// What was applied and what is pending. Needs no right but to read `skald.migrations`.
    ///
    /// - Throws: ``MigrationError`` with code `permission` or `database`.
    public func status() async throws(MigrationError) -> MigrationStatus {
        do {
            return try await client.withTransaction(readOnly: true) { try await status(in: $0) }
        } catch {
            throw MigrationError(reading: schema.name, failed: error)
        }
    }

    /// What ``apply()`` would apply now, in order.
    ///
    /// - Throws: ``MigrationError`` where it would refuse.
    public func plan() async throws(MigrationError) -> [Migration] {
        let status = try await status()
        try status.requireConsistent()
        return status.pending
    }

    /// Applies what is pending, and returns what this call has applied: nothing where another process was faster.
    ///
    /// - Throws: ``MigrationError``. What was applied before the error stays; call again when its cause is removed.
    @discardableResult
    public func apply() async throws(MigrationError) -> [Migration] {
        var applied: [Migration] = []
        while let migration = try await applyNext() { applied.append(migration) }
        return applied
    }

    /// Refuses to start where this program and the schema do not fit each other.
    ///
    /// - Throws: ``MigrationError`` with code `notMigrated`, `schemaOlder`, `schemaNewer`, `edited` or `gap`.
    public func requireCurrent() async throws(MigrationError) {
        try await status().requireCurrent()
    }

    /// The text of a migration for this schema, to be run in psql.
    public func script(of migration: Migration) -> String {
        schema == .standard ? migration.sql : migration.sql.replacing(SchemaName.standard.name, with: schema.name)
    }
}

extension Migrator {
    /// Two-integer form, "skad" and 0: the one-integer form belongs to the writers' markers. The lock is the database's and
    /// not the schema's, because all schemas share the roles' catalogue and the log numbers.
    private static let lock = SQL("select pg_advisory_xact_lock(1936419684, 0)")

    private func applyNext() async throws(MigrationError) -> Migration? {
        do {
            return try await client.withTransaction { try await applyNext(in: $0) }
        } catch {
            throw MigrationError(applying: nil, to: schema.name, failed: error)
        }
    }

    /// Lists under the lock and not before, or two processes would both find the same file pending.
    private func applyNext(in tx: PostgresTransaction) async throws -> Migration? {
        try await lock(tx)
        let status = try await status(in: tx)
        try status.requireConsistent()
        guard let next = status.pending.first else { return nil }
        try await requireName(tx)
        do {
            try await tx.simpleScript(script(of: next), deadline: migrationDeadline)
            try await record(next, in: tx)
        } catch {
            throw MigrationError(applying: next, to: schema.name, failed: error)
        }
        return next
    }

    private func lock(_ tx: PostgresTransaction) async throws(MigrationError) {
        do {
            try await tx.execute(Self.lock, deadline: lockDeadline)
        } catch {
            throw error.code == .deadlineExceeded
                ? isLocked(error) : MigrationError(applying: nil, to: schema.name, failed: error)
        }
    }

    private func isLocked(_ error: PostgresError) -> MigrationError {
        MigrationError(
            .locked, "another process is migrating this database, and did not finish in \(lockDeadline)",
            hint:
                "Look for it: select pid, application_name, state, query from pg_stat_activity join pg_locks using (pid) "
                + "where locktype = 'advisory' and classid = 1936419684 and objid = 0 and granted;",
            underlying: error)
    }

    /// The files do not quote the name, so a key word would be a syntax error in their midst.
    private func requireName(_ tx: PostgresTransaction) async throws {
        let rows = try await tx.query(
            """
            select from pg_get_keywords() where word = \(schema.name) and catcode in ('R', 'T')
            union all select where \(schema.name) in ('public', 'information_schema')
            """)
        guard rows.isEmpty else {
            throw MigrationError(
                .invalidSchemaName,
                "\"\(schema)\" is a key word of SQL, or a schema of others, and cannot be the schema's name",
                hint: "Use another, such as \(schema)_log.")
        }
    }

    /// The file has recorded itself, as it does in psql; what only the migrator knows is its checksum.
    private func record(_ migration: Migration, in tx: PostgresTransaction) async throws {
        let updated = try await tx.execute(
            """
            update \(unescaped: schema.name).migrations set checksum = \(migration.checksum)
             where number = \(Int32(migration.number)) and name = \(migration.name) and checksum is null
            """)
        guard updated == 1 else {
            throw MigrationError(
                .notRecorded, "\(migration.fileName) did not record itself",
                hint: "Let it end with: insert into \(SchemaName.standard).migrations (number, name) values "
                    + "(\(migration.number), '\(migration.name)');")
        }
    }

    private func status(in tx: PostgresTransaction) async throws -> MigrationStatus {
        let table = "\(schema).migrations"
        let found = try await tx.query("select to_regclass(\(table)) is not null as found")
        guard try found[0].decode("found", as: Bool.self) else {
            return MigrationStatus(schema: schema.name, known: migrations, recorded: [])
        }
        let rows = try await tx.query(
            "select number, name, checksum, applied_at, applied_by from \(unescaped: table) order by number")
        var recorded: [RecordedMigration] = []
        for row in rows { recorded.append(try RecordedMigration(row)) }
        return MigrationStatus(schema: schema.name, known: migrations, recorded: recorded)
    }
}
