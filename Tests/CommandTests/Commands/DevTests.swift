import Foundation
import SkaldTesting
import Testing

@Suite("skald dev")
struct DevTests {
    @Test func `it prints the connection string first, serves a migrated store, keeps its data, and ends when asked`()
        async throws
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "skald-dev-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }

        let first = try ChildProgram("skald", ["dev", folder])
        let url = try await first.line()
        let status = try await ChildProgram.run("skald", ["log", "status"], environment: ["SKALD_URL": url])
        #expect(status.output.hasPrefix("head        0\n"))
        let psql = try await ChildProgram.run(
            "skald", ["migrate", "status", "--check"], environment: ["DATABASE_URL": url])
        #expect(psql.status == 0)
        #expect(
            first.outputText == url + "\n", "standard output is for programs: the connection string and nothing else")

        let other = try await ChildProgram.run("skald", ["dev", folder])
        #expect(other.status == 1)
        #expect(other.error.contains("error: the private PostgreSQL did not start"))

        first.send(SIGINT)
        #expect(try await first.end() == 0)
        let gone = try await ChildProgram.run("skald", ["log", "status"], environment: ["SKALD_URL": url])
        #expect(gone.status == 5)

        let second = try ChildProgram("skald", ["dev", folder, "--json"], environment: ["SKALD_SCHEMA": "trips"])
        let json = try await second.line()
        #expect(json.hasPrefix(#"{"url":""#))
        let here = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))["url"] ?? ""
        let trips = try await ChildProgram.run(
            "skald", ["log", "status"], environment: ["SKALD_SCHEMA": "trips", "SKALD_URL": here])
        #expect(trips.status == 0, "the schema is that of the environment, as for every other command")
        second.send(SIGTERM)
        #expect(try await second.end() == 0)
    }
}
