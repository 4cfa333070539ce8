import Foundation
import Sagas
import SkaldTesting
import Testing

/// Waits for a worker; there is none here.
private struct Crate: Saga {
    static let name: SagaName = "crate"
    struct State: Codable { var to: String }
    var steps: Steps { Retriable("ship") { _ in } }
}

@Suite("skald saga ls", .testDatabase(.skald))
struct SagaListTests {
    private func skald(_ arguments: String...) async throws -> ChildProgram.Finished {
        let url = try TestDatabase.current.connectionString(.reader)
        return try await ChildProgram.run("skald", ["saga", "ls"] + arguments + ["--url", url])
    }

    private func ids(_ run: ChildProgram.Finished) throws -> (ids: [String], next: String?) {
        let read = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(read.keys.contains("next"), "it is always there")
        let sagas = try #require(read["sagas"] as? [[String: Any]])
        return (sagas.compactMap { $0["id"] as? String }, read["next"] as? String)
    }

    @Test func `a list that is cut off says so, and says how to go on`() async throws {
        try await TestDatabase.current.withStore { store in
            let sagas = Sagas(store, logger: .silent)
            for id in ["c 1", "c 2", "c 3"] {
                try await sagas.start(Crate.self, id: SagaID(rawValue: id), with: .init(to: "Oslo"))
            }
            let rest = try await sagas.list(after: ("crate", "c 1"), limit: 1)
            #expect(rest.map(\.id) == ["c 2"])
            #expect(try await sagas.list(after: ("crates", "")).isEmpty)
        }
        let first = try ids(try await skald("--limit", "2", "--json"))
        #expect(first.ids == ["c 1", "c 2"])
        #expect(first.next == "crate c 2")
        let rest = try ids(try await skald("--limit", "2", "--after", "crate c 2", "--json"))
        #expect(rest.ids == ["c 3"] && rest.next == nil)

        let cut = try await skald("--limit", "2")
        #expect(cut.error == "There are more: go on with --after 'crate c 2'.\n")
        let whole = try await skald("--limit", "3")
        #expect(whole.error.isEmpty && whole.output.contains("c 3"), "as many as there are is all of them")
        #expect(try await skald("--after", "crate").status == 2)
    }
}
