import Foundation
import Postgres
import SkaldTesting
import Testing

@Suite("skald log status", .testDatabase(.skald))
struct LogStatusTests {
    private func skald(
        _ arguments: [String], as role: TestDatabase.Role = .reader
    ) async throws -> ChildProgram.Finished {
        try await ChildProgram.run("skald", arguments + ["--url", TestDatabase.current.connectionString(role)])
    }

    @Test func `it shows head, watermark and generation, and names the session that holds the watermark back`()
        async throws
    {
        let database = try TestDatabase.current
        try await database.psql(
            "select from skald.append('seat-A1', -1, '[{\"type\":\"seat.held\",\"data\":{}}]')", as: .writer)
        let before = try await skald(["log", "status"])
        #expect(before.output == "head        1\nwatermark   1\ngeneration  1\n")
        #expect(before.status == 0)

        try await database.withClient { client in
            try await client.withTransaction { open in
                try await open.query(
                    "select * from skald.append('seat-A2', -1, '[{\"type\":\"seat.held\",\"data\":{}}]')")
                try await database.psql(
                    "select from skald.append('seat-A3', -1, '[{\"type\":\"seat.held\",\"data\":{}}]')", as: .writer)
                let held = try await skald(["log", "status"])
                let lines = held.output.split(separator: "\n").map(String.init)
                try #require(lines.count == 5)
                #expect(lines.prefix(3) == ["head        3", "watermark   1, 2 behind the head", "generation  1"])
                #expect(
                    lines[3].wholeMatch(of: /held by +pid \d+, skald, as skald_test_writer, idle in transaction/) != nil
                )
                #expect(lines[4].wholeMatch(of: /since +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ, \d+\.\ds ago/) != nil)

                let json = try await skald(["log", "status", "--json"]).output
                let read = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
                #expect(read["head"] as? Int == 3)
                #expect(read["watermark"] as? Int == 1)
                #expect(read["behind"] as? Int == 2)
                let holder = try #require(read["holder"] as? [String: Any])
                #expect(holder["application"] as? String == "skald")
                #expect(holder["state"] as? String == "idle in transaction")
            }
        }
    }
}
