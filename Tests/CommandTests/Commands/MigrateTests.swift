import Foundation
import Migrations
import SkaldTesting
import Testing

@Suite("skald migrate", .testDatabase())
struct MigrateTests {
    private func skald(_ arguments: [String], columns: Int? = nil) async throws -> ChildProgram.Finished {
        let environment = columns.map { ["COLUMNS": "\($0)"] } ?? [:]
        let url = try TestDatabase.current.connectionString(.owner)
        return try await ChildProgram.run("skald", ["migrate"] + arguments + ["--url", url], environment: environment)
    }

    private func timeless(_ text: String) -> String {
        text.replacing(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/, with: "2026-11-22 20:01:03Z")
    }

    @Test func `a new database is planned, migrated, and found current; what was edited is refused`() async throws {
        let files = Migration.all.map(\.fileName)
        #expect(try await skald(["plan"]).output == files.map { $0 + "\n" }.joined())
        let check = try await skald(["status", "--check"])
        #expect(check.status == 4)
        #expect(check.output.contains("0001_log.sql") && check.output.contains("pending"))
        #expect(check.error.contains("next:  Run `skald migrate apply`"))

        let applied = try await skald(["apply"])
        #expect(applied.output == files.map { "applied \($0)\n" }.joined())
        #expect(applied.status == 0)
        #expect(try await skald(["apply"]).output == "schema skald is up to date: nothing to apply\n")
        #expect(try await skald(["plan", "--json"]).output == #"{"schema":"skald","pending":[]}"# + "\n")
        #expect(try await skald(["status", "--check"]).status == 0)
        try await shown()

        try await TestDatabase.current.psql("update skald.migrations set checksum = 'other' where number = 2")
        let edited = try await skald(["apply"])
        #expect(edited.status == 4)
        #expect(edited.error.contains("0002_leases.sql was edited after it had been applied"))
    }

    private func shown() async throws {
        let wide = timeless(try await skald(["status"], columns: 80).output).split(separator: "\n").map(String.init)
        #expect(wide[0] == "MIGRATION             STATE    APPLIED               BY")
        #expect(wide[1] == "0001_log.sql          applied  2026-11-22 20:01:03Z  postgres")
        #expect(wide.last == "schema skald is what this program needs")
        let narrow = timeless(try await skald(["status"], columns: 40).output)
        #expect(
            narrow.hasPrefix(
                """
                MIGRATION  0001_log.sql
                STATE      applied
                APPLIED    2026-11-22 20:01:03Z
                BY         postgres


                """))
        let json = try await skald(["status", "--json"]).output
        let read = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(read["current"] as? Bool == true)
        let first = try #require((read["migrations"] as? [[String: Any]])?.first)
        #expect(first["file"] as? String == "0001_log.sql")
        #expect(first["state"] as? String == "applied")
        #expect(first["byHand"] as? Bool == false)
    }

    @Test func `the plan can show its SQL, for the schema that is meant`() async throws {
        let plan = try await skald(["plan", "--sql", "--schema", "other"])
        #expect(plan.output.contains("create table other.streams"))
        #expect(!plan.output.contains("create table skald.streams"))
    }
}
