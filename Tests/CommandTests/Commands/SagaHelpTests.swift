import EventSourcing
import Foundation
import Sagas
import SkaldTesting
import Testing

/// Its only step is refused each time.
private struct Letter: Saga {
    static let name: SagaName = "letter"
    struct State: Codable {
        var to: String
        var stamp: String?
    }

    var steps: Steps {
        Retriable("buy-stamp", into: \.stamp) { _ in throw Refused("the post office is closed") }
    }
}

/// SG11: retry and skip, from the command line to the event of the saga's history.
@Suite("skald saga retry and skip", .testDatabase(.skald))
struct SagaHelpTests {
    @Test func `retry has the step tried again, skip goes on without it, and both are recorded with actor and reason`()
        async throws
    {
        try await TestDatabase.current.withStore { store in
            let sagas = Sagas(store, logger: .silent)
            let worker = try SagaWorker(sagas, running: [Letter()], logger: .silent)
            func attentions() async throws -> Int {
                try await sagas.history(of: "letter", id: "l-1").count {
                    if case .attentionNeeded = $0.event { true } else { false }
                }
            }
            try await withThrowingTaskGroup { group in
                group.addTask { try await worker.run() }
                try await sagas.start(Letter.self, id: "l-1", with: .init(to: "Oslo"))
                try await eventually("it needs attention") { try await attentions() == 1 }

                let retried = try await skald(
                    "retry", "--step", "buy-stamp", "--reason", "open again", "--actor", "ann")
                #expect(retried == #"{"verb":"retry","step":"buy-stamp","actor":"ann","reason":"open again"}"#)
                try await eventually("it was tried again, in vain") { try await attentions() == 2 }

                let elsewhere = try await skald(
                    "skip", "--step", "seal", "--reason", "wrong step", "--actor", "ann", "--yes")
                #expect(elsewhere == #"{"verb":"skip","step":"seal","actor":"ann","reason":"wrong step"}"#)
                try await eventually("the refusal") {
                    try await sagas.history(of: "letter", id: "l-1").contains {
                        if case .operatorRefused("skip", "ann", "wrong step", _) = $0.event { true } else { false }
                    }
                }

                let skipped = try await skald("skip", "--reason", "by hand", "--actor", "bob", "--yes")
                #expect(skipped == #"{"verb":"skip","step":"buy-stamp","actor":"bob","reason":"by hand"}"#)
                try await eventually("it has completed") {
                    try await sagas.status(of: "letter", id: "l-1")?.status == .completed
                }
                group.cancelAll()
            }
        }
        try await recorded()
    }

    @Test func `what is asked is meant for the step that the saga was at, not for the one it has got to meanwhile`()
        async throws
    {
        try await withTestDatabase(.skald) { database in
            let url = database.connectionString(.operator)
            try await database.withStore { store in
                // Nobody runs them: so they stand, for as long as they have to.
                let sagas = Sagas(store, logger: .silent)
                for id in ["begun", "new", "over"] as [SagaID] {
                    try await sagas.start(Letter.self, id: id, with: .init(to: "Rome"))
                }
            }
            try await database.psql(
                """
                update skald.sagas set step = 'buy-stamp' where id = 'begun';
                update skald.sagas set status = 'completed', waiting_for = null where id = 'over';
                """)
            for verb in [["retry"], ["skip", "--yes"], ["set-result", "--result", "1"]] {
                let arguments = ["saga"] + verb + ["letter", "begun", "--reason", "x", "--url", url]
                #expect(try await ChildProgram.run("skald", arguments).status == 0)
            }
            let asked = try await database.psql("select body->>'step' from skald.saga_inputs")
            #expect(asked.split(separator: "\n") == ["buy-stamp", "buy-stamp", "buy-stamp"])
            for (id, why) in [("new", "it has not begun its first step"), ("over", "it has ended: completed")] {
                let refused = try await ChildProgram.run(
                    "skald", ["saga", "retry", "letter", id, "--reason", "x", "--url", url])
                #expect(refused.status == 6 && refused.error.contains(why), "\(refused.error)")
            }
        }
    }

    /// As `skald saga show` tells it.
    private func recorded() async throws {
        let url = try TestDatabase.current.connectionString(.reader)
        let shown = try await ChildProgram.run("skald", ["saga", "show", "letter", "l-1", "--json", "--url", url])
        let read = try #require(try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any])
        let history = try #require(read["history"] as? [[String: Any]])
        let told = history.compactMap { event -> String? in
            guard let type = event["type"] as? String, let data = event["data"] as? [String: Any],
                let actor = data["actor"] as? String, let reason = data["reason"] as? String
            else { return nil }
            return "\(type) \(actor): \(reason)"
        }
        #expect(
            told == [
                "$saga.retriedByOperator ann: open again", "$saga.operatorRefused ann: wrong step",
                "$saga.skippedByOperator bob: by hand",
            ])
    }

    /// Asks as an operator. Returns what was asked, without what differs each time.
    private func skald(_ verb: String, _ arguments: String...) async throws -> String {
        let url = try TestDatabase.current.connectionString(.operator)
        let asked = try await ChildProgram.run(
            "skald", ["saga", verb, "letter", "l-1"] + arguments + ["--json", "--url", url])
        #expect(asked.status == 0, "\(asked.error)")
        return asked.output.replacing(/"kind":"letter","id":"l-1",|"request":"[^"]*",|\n/, with: "")
    }
}
