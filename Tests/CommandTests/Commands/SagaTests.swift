import Foundation
import Logging
import PostgresEventStore
import Sagas
import SkaldTesting
import Testing

/// Refuses its only step: a person has to help.
private struct Parcel: Saga {
    static let name: SagaName = "parcel"
    struct State: Codable {
        var to: String
        var label: String?
    }

    var steps: Steps {
        Retriable("print-label", into: \.label) { _ in throw Refused("the printer has no paper") }
    }
}

/// SG11: what an operator does to a saga is an event with actor and reason.
@Suite("skald saga", .testDatabase(.skald))
struct SagaCommandTests {
    private func skald(
        _ arguments: [String], as role: TestDatabase.Role = .operator, columns: Int? = nil
    ) async throws -> ChildProgram.Finished {
        let environment = columns.map { ["COLUMNS": "\($0)"] } ?? [:]
        let url = try TestDatabase.current.connectionString(role)
        return try await ChildProgram.run("skald", ["saga"] + arguments + ["--url", url], environment: environment)
    }

    @Test func `a saga that needs attention is found, shown and helped, by name and for a reason`() async throws {
        try await TestDatabase.current.withStore { store in
            let sagas = Sagas(store, logger: .silent)
            let worker = try SagaWorker(sagas, running: [Parcel()], logger: .silent)
            try await withThrowingTaskGroup { group in
                group.addTask { try await worker.run() }
                try await sagas.start(Parcel.self, id: "p-1", with: .init(to: "Oslo"))
                try await eventually("it needs attention") {
                    try await sagas.status(of: "parcel", id: "p-1")?.status == .needsAttention
                }
                try await found()
                try await refusals()
                try await helped()
                try await eventually("it has completed") {
                    try await sagas.status(of: "parcel", id: "p-1")?.status == .completed
                }
                group.cancelAll()
            }
        }
        try await recorded()
    }

    private func found() async throws {
        let list = try await skald(["ls", "--state", "needs-attention"], columns: 80).output
        #expect(
            list == """
                KIND    ID   STATE            STEP         TRIES  REASON
                parcel  p-1  needs-attention  print-label      1  refused: the printer has no p…

                """)
        let narrow = try await skald(["ls"], columns: 40).output
        #expect(
            narrow == """
                KIND    parcel
                ID      p-1
                STATE   needs-attention
                STEP    print-label
                TRIES   1
                REASON  refused: the printer has no
                        paper. The saga is past its
                        pivot and can't go back.

                """)
        #expect(try await skald(["ls", "--kind", "other"]).output == "no sagas\n")
        let shown = try await skald(["show", "parcel", "p-1"], columns: 80).output
        #expect(shown.contains("state      needs-attention\n"))
        #expect(shown.contains(/Z  stepStarted +print-label  attempt 1, a call\n/), "\(shown)")
        #expect(shown.contains(/attentionNeeded +print-label  refused: the printer/), "\(shown)")
        #expect(shown.contains("next       skald saga retry|skip|set-result parcel p-1 --reason …\n"))
    }

    private func refusals() async throws {
        #expect(try await skald(["retry", "parcel", "p-1"]).status == 2, "a reason is asked for")
        let unconfirmed = try await skald(["skip", "parcel", "p-1", "--reason", "x"])
        #expect(unconfirmed.status == 6, "skipping is confirmed")
        let unknown = try await skald(["retry", "parcel", "p-2", "--reason", "x"])
        #expect(unknown.status == 3)
        #expect(unknown.error.hasPrefix("error: there is no saga 'parcel' with the id 'p-2'\n"))
        #expect(try await skald(["show", "parcel", "p-2"]).status == 3)
        #expect(try await skald(["set-result", "parcel", "p-1", "--reason", "x", "--result", "{"]).status == 2)
        #expect(try await skald(["ls", "--state", "sleeping"]).status == 2)
        #expect(try await skald(["retry", "parcel", "p-1", "--reason", "x"], as: .reader).status == 6)
    }

    private func helped() async throws {
        let asked = try await skald([
            "set-result", "parcel", "p-1", "--result", #""by hand""#, "--reason", "wrote it myself", "--actor", "ann",
            "--json",
        ])
        #expect(asked.status == 0)
        #expect(asked.output.hasPrefix(#"{"kind":"parcel","id":"p-1","verb":"set-result","request":""#))
        #expect(asked.output.hasSuffix(#""actor":"ann","reason":"wrote it myself"}"# + "\n"))
    }

    private func recorded() async throws {
        let json = try await skald(["show", "parcel", "p-1", "--json"]).output
        let read = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect((read["saga"] as? [String: Any])?["state"] as? String == "completed")
        let history = try #require(read["history"] as? [[String: Any]])
        let ours = history.filter { event in
            let data = event["data"] as? [String: Any]
            return data?["actor"] as? String == "ann" && data?["reason"] as? String == "wrote it myself"
        }
        #expect(ours.count == 1, "SG11")
        #expect(json.contains("by hand"))
        #expect(!json.contains(/T\d\d:\d\d:\d\dZ/), "no time is cut to whole seconds")
        #expect(read["next"] is NSNull)

        let cut = try await skald(["show", "parcel", "p-1", "--limit", "2"])
        #expect(cut.output.contains("stepStarted") && !cut.output.contains("resultSetByOperator"))
        #expect(cut.error == "There are more: go on with: skald stream cat '$saga:parcel-p-1' --from 2\n")
        let cutJSON = try await skald(["show", "parcel", "p-1", "--limit", "2", "--json"]).output
        #expect(cutJSON.hasSuffix(#""next":2}"# + "\n"))
    }
}
