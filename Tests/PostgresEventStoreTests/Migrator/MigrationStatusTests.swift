import Foundation
import Migrations
import PostgresEventStore
import Testing

/// The comparison of what a program knows with what a database has recorded: a table, without a database.
@Suite struct MigrationStatusTests {
    private static let known = [
        Migration(number: 1, name: "log", sql: "select 1;"), Migration(number: 2, name: "leases", sql: "select 2;"),
        Migration(number: 3, name: "outbox", sql: "select 3;"),
    ]

    private func record(_ number: Int, _ name: String, checksum: String?) -> RecordedMigration {
        RecordedMigration(number: number, name: name, checksum: checksum, appliedAt: .now, appliedBy: "deployer")
    }

    private func applied(_ numbers: Int...) -> [RecordedMigration] {
        numbers.map { record($0, Self.known[$0 - 1].name, checksum: Self.known[$0 - 1].checksum) }
    }

    private func status(_ recorded: [RecordedMigration]) -> MigrationStatus {
        MigrationStatus(schema: "skald", known: Self.known, recorded: recorded)
    }

    @Test func `a schema with everything is current`() throws {
        try status(applied(3, 1, 2)).requireCurrent()
        #expect(status(applied(1, 2, 3)).pending.isEmpty)
    }

    @Test func `what ran by hand counts, without a checksum`() throws {
        let recorded = applied(1, 3) + [record(2, "leases", checksum: nil)]
        try status(recorded).requireCurrent()
        #expect(status(recorded).description.contains("0002_leases.sql  applied "))
        #expect(status(recorded).description.contains("by deployer, by hand"))
    }

    @Test func `a schema that was never migrated says so`() throws {
        let error = try #require(throws: MigrationError.self) { try status([]).requireCurrent() }
        #expect(error.code == .notMigrated)
        #expect(error.description.contains("skald migrate apply"))
        try status([]).requireConsistent()
        #expect(status([]).pending.map(\.number) == [1, 2, 3])
    }

    @Test func `an older schema is refused at start and can be migrated`() throws {
        let older = status(applied(1, 2))
        let error = try #require(throws: MigrationError.self) { try older.requireCurrent() }
        #expect(error.code == .schemaOlder)
        #expect(error.message == "schema skald is at migration 2, and this program needs 3")
        #expect(error.hint.contains("0003_outbox.sql"))
        try older.requireConsistent()
        #expect(older.pending.map(\.fileName) == ["0003_outbox.sql"])
        #expect(older.description.hasSuffix("0003_outbox.sql  pending"))
    }

    @Test func `a newer schema is refused`() throws {
        let newer = status(applied(1, 2, 3) + [record(4, "archive", checksum: nil)])
        for check in [newer.requireConsistent, newer.requireCurrent] {
            let error = try #require(throws: MigrationError.self) { try check() }
            #expect(error.code == .schemaNewer)
            #expect(error.message.contains("4 \"archive\"") && error.message.contains("knows only 3"))
        }
        #expect(newer.description.contains("0004_archive.sql  applied"))
        #expect(newer.description.contains("unknown to this program"))
    }

    @Test func `an edited file is refused, with both checksums and what to do`() throws {
        let edited = status(applied(1, 3) + [record(2, "leases", checksum: "abc")])
        let error = try #require(throws: MigrationError.self) { try edited.requireConsistent() }
        #expect(error.code == .edited)
        #expect(error.message.contains("0002_leases.sql") && error.message.contains("abc"))
        #expect(error.message.contains(Self.known[1].checksum))
        #expect(error.hint.contains("a new one"))
    }

    @Test func `a file that was applied under another name is refused`() throws {
        let renamed = status(applied(1) + [record(2, "lanes", checksum: nil)])
        let error = try #require(throws: MigrationError.self) { try renamed.requireConsistent() }
        #expect(error.code == .edited)
        #expect(error.message.contains("\"lanes\"") && error.message.contains("0002_leases.sql"))
    }

    @Test func `a hole in the records is refused`() throws {
        let error = try #require(throws: MigrationError.self) { try status(applied(1, 3)).requireConsistent() }
        #expect(error.code == .gap)
        #expect(error.hint.contains("insert into skald.migrations (number, name) values (2, 'leases');"))
    }

    @Test func `file names are read and written the same`() {
        #expect(Migration(fileName: "0012_key_rotation.sql", sql: "")?.number == 12)
        #expect(Migration(fileName: "0012_key_rotation.sql", sql: "")?.name == "key_rotation")
        #expect(Migration(number: 12, name: "key_rotation", sql: "").fileName == "0012_key_rotation.sql")
        for name in ["12_x.sql", "0000_x.sql", "0012_.sql", "0012.sql", "0012_x.txt", "00012_x.sql", "abcd_x.sql"] {
            #expect(Migration(fileName: name, sql: "") == nil, "\(name)")
        }
    }

    @Test func `the embedded files are those of the folder, byte for byte, and without holes`() throws {
        let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "../../../Migrations").standardizedFileURL
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }
            .sorted()
        #expect(Migration.all.map(\.fileName) == names)
        #expect(Migration.all.map(\.number) == Array(1...names.count))
        for migration in Migration.all {
            let text = try String(contentsOf: folder.appending(path: migration.fileName), encoding: .utf8)
            #expect(migration.sql.utf8.elementsEqual(text.utf8), "\(migration.fileName)")
        }
    }
}
