import Migrations
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// Any number of processes may migrate at once, and each may die at any moment.
@Suite struct MigratorRaceTests {
    private static let waiters: SQL =
        """
        select count(*) = 3 from pg_locks where locktype = 'advisory' and classid = 1936419684 and objid = 0
           and not granted and database = (select oid from pg_database where datname = current_database())
        """

    private static func impatient(_ client: PostgresClient) throws -> Migrator {
        var migrator = try Migrator(client)
        migrator.lockDeadline = .milliseconds(50)
        return migrator
    }

    @Test func `three that migrate at once apply every file once`() async throws {
        try await withTestDatabase { database in
            try await withClient(of: database) { watcher in
                let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
                    // All three are waiting for the lock before any may go on: the race is sure to happen.
                    try await watcher.withTransaction { tx in
                        try await tx.execute("select pg_advisory_xact_lock(1936419684, 0)")
                        for _ in 0..<3 {
                            group.addTask { try await withClient(of: database) { try await Migrator($0).apply() } }
                        }
                        try await waitUntil(Self.waiters, watcher)
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(applied.map(\.number).sorted() == Migration.all.map(\.number))
                try await Migrator(watcher).requireCurrent()
            }
        }
    }

    @Test func `one that waits too long for another says so`() async throws {
        try await withTestDatabase { database in
            try await withClient(of: database) { client in
                try await client.withTransaction { tx in
                    try await tx.execute("select pg_advisory_xact_lock(1936419684, 0)")
                    let migrator = try Self.impatient(client)
                    let error = await #expect(throws: MigrationError.self) { try await migrator.apply() }
                    #expect(error?.code == .locked)
                    #expect(error?.hint.contains("pg_locks") == true)
                }
                #expect(try await Migrator(client).apply() == Migration.all)
            }
        }
    }

    @Test func `one that dies in the middle of a file leaves whole files only, and the next goes on`() async throws {
        try await withTestDatabase { database in
            try await withClient(of: database) { client in
                let slow = nextMigration("slow", "create table skald.slow (); select pg_advisory_xact_lock(7, 7);")
                let files = Migration.all + [slow]
                try await client.withTransaction { tx in
                    try await tx.execute("select pg_advisory_xact_lock(7, 7)")
                    async let died = withClient(of: database) { victim in
                        await #expect(throws: MigrationError.self) {
                            try await Migrator(victim, migrations: files).apply()
                        }
                    }
                    try await waitUntil(
                        "select count(*) = 1 from pg_locks where locktype = 'advisory' and classid = 7 and not granted",
                        client)
                    try await client.execute(
                        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = 7 and not granted"
                    )
                    let error = try await died
                    #expect(error?.code == .database)
                }
                try await Migrator(client).requireCurrent()
                #expect(try await Migrator(client, migrations: files).apply() == [slow])
            }
        }
    }
}
