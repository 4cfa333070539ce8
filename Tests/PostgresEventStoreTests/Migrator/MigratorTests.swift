import Migrations
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// Migrations are applied in order, once, and never again; what does not fit is refused.
@Suite struct MigratorTests {
    @Test func `an empty database is migrated, and a second call finds nothing to do`() async throws {
        try await withTestDatabase { database in
            try await withClient(of: database) { client in
                let migrator = try Migrator(client)
                #expect(try await migrator.plan() == Migration.all)
                #expect(try await migrator.apply() == Migration.all)
                try await migrator.requireCurrent()
                #expect(try await migrator.plan().isEmpty)
                #expect(try await migrator.apply().isEmpty)
                let recorded = try await migrator.status().recorded
                #expect(recorded.map(\.checksum) == Migration.all.map(\.checksum))
                #expect(recorded.map(\.name) == Migration.all.map(\.name))
                #expect(recorded.allSatisfy { $0.appliedBy == database.user(.owner) })
            }
        }
    }

    @Test func `the checksum is PostgreSQL's sha256 of the file`() async throws {
        try await withTestDatabase { database in
            try await withClient(of: database) { client in
                let texts = Migration.all.map(\.sql) + (0...130).map { String(repeating: "ä", count: $0) }
                for text in texts {
                    let rows = try await client.query("select encode(sha256(convert_to(\(text), 'UTF8')), 'hex')")
                    let expected = try rows[0].decode(String.self)
                    #expect(Migration(number: 1, name: "x", sql: text).checksum == expected)
                }
            }
        }
    }

    @Test func `a file that was edited after its release is refused, and nothing is applied`() async throws {
        try await withTestDatabase { database in
            try await withClient(of: database) { client in
                try await Migrator(client).apply()
                var files = Migration.all
                files[1] = Migration(number: 2, name: files[1].name, sql: files[1].sql + "-- one more remark\n")
                files.append(nextMigration("later", "create table skald.later ();"))
                let migrator = try Migrator(client, migrations: files)
                let error = await #expect(throws: MigrationError.self) { try await migrator.apply() }
                #expect(error?.code == .edited)
                #expect(error?.message.contains(files[1].fileName) == true)
                await #expect(throws: MigrationError.self) { try await migrator.requireCurrent() }
                await #expect(throws: MigrationError.self) { try await migrator.plan() }
                #expect(try await Migrator(client).status().recorded.count == Migration.all.count)
            }
        }
    }

    @Test func `a schema that is older or newer than the program stops it at start`() async throws {
        try await withTestDatabase { database in
            try await withClient(of: database) { client in
                let newer = try Migrator(
                    client, migrations: Migration.all + [nextMigration("later", "create table skald.later ();")])
                let older = try Migrator(client)
                let none = await #expect(throws: MigrationError.self) { try await older.requireCurrent() }
                #expect(none?.code == .notMigrated)
                try await older.apply()
                let behind = await #expect(throws: MigrationError.self) { try await newer.requireCurrent() }
                #expect(behind?.code == .schemaOlder)
                #expect(try await newer.apply().map(\.name) == ["later"])
                try await newer.requireCurrent()
                for attempt in [older.requireCurrent, { _ = try await older.apply() }] {
                    let ahead = await #expect(throws: MigrationError.self) { try await attempt() }
                    #expect(ahead?.code == .schemaNewer)
                }
            }
        }
    }

    @Test func `a file that fails leaves nothing, and those before it stay`() async throws {
        try await withTestDatabase { database in
            try await withClient(of: database) { client in
                let bad = nextMigration("bad", "create table skald.half (); create table skald.half ();")
                let error = await #expect(throws: MigrationError.self) {
                    try await Migrator(client, migrations: Migration.all + [bad]).apply()
                }
                #expect(error?.code == .database)
                #expect(error?.message.contains("\(bad.fileName) could not be applied to schema skald") == true)
                #expect(error?.message.contains("already exists") == true)
                try await Migrator(client).requireCurrent()
                let rows = try await client.query("select to_regclass('skald.half') is null")
                #expect(try rows[0].decode(Bool.self))
                let good = nextMigration("good", "create table skald.half ();")
                #expect(try await Migrator(client, migrations: Migration.all + [good]).apply() == [good])
            }
        }
    }

    @Test func `a file that does not record itself is refused`() async throws {
        try await withTestDatabase { database in
            try await withClient(of: database) { client in
                let number = Migration.all.count + 1
                let silent = Migration(number: number, name: "silent", sql: "create table skald.silent ();")
                let migrator = try Migrator(client, migrations: Migration.all + [silent])
                let error = await #expect(throws: MigrationError.self) { try await migrator.apply() }
                #expect(error?.code == .notRecorded)
                #expect(error?.hint.contains("values (\(number), 'silent');") == true)
                let rows = try await client.query("select to_regclass('skald.silent') is null")
                #expect(try rows[0].decode(Bool.self))
            }
        }
    }

    @Test func `numbers with a hole are refused before anything is sent`() {
        let files = [Migration(number: 2, name: "x", sql: "")]
        let error = #expect(throws: MigrationError.self) { try Migrator(neverRun, migrations: files) }
        #expect(error?.code == .invalidMigrations)
    }
}
