import EventSourcing
import Foundation
import Postgres
import PostgresEventStore
import Sagas
import SkaldTesting
import Testing

/// SG11: what an operator asks for is done once, however often it is asked: the answer to the first call may have been lost,
/// and the worker may have done it by the time of the second.
@Suite struct RequestTests {
    @Test func `SG11: a request that is repeated after it was done is not done again`() async throws {
        try await World.with(Self.repeated)
    }

    static func repeated(_ world: World) async throws {
        let trip = Trip(pay: { _ in throw Outage() })
        try await world.withWorker(trip) { _ in
            try await world.sagas.start(Trip.self, id: "asked", with: .init())
            func happened(_ what: String) async throws -> Int {
                try await world.sagas.history(of: Trip.name, id: "asked").map(\.event.short).count {
                    $0.hasPrefix(what)
                }
            }
            let request = SagaRequest.retry(actor: "ada", reason: "it is up again")
            try await eventually("it needs attention") { try await happened("attentionNeeded") == 1 }
            try await world.sagas.request(request, of: Trip.name, id: "asked")
            try await eventually("it was tried again, in vain") { try await happened("attentionNeeded") == 2 }

            try await world.sagas.request(request, of: Trip.name, id: "asked")
            // Inputs are used in the order in which they came: when this one is, so is what came before it.
            try await world.sagas.request(
                .retry(step: "seat", actor: "ada", reason: "typo"), of: Trip.name, id: "asked")
            try await eventually("the refusal") { try await happened("operatorRefused") == 1 }
            #expect(try await happened("retriedByOperator") == 1)
            #expect(try await happened("attentionNeeded") == 2)
        }
    }

    @Test(arguments: ["skip", "set-result"])
    func `what leaves a step undone must name the step: the saga may have moved on`(verb: String) async throws {
        try await World.with { world in
            try await world.sagas.start(Trip.self, id: "moves", with: .init())
            let result = verb == "skip" ? "null" : "'1'"
            let error = await #expect(throws: PostgresError.self) {
                try await world.store.client.execute(
                    "select skald.saga_request('trip', 'moves', \(verb), 'ada', 'x', result => \(SQL(unescaped: result)))"
                )
            }
            #expect(error?.sqlState == SQLState("SK003"))
        }
    }

    @Test func `one request id may be used for several sagas, and counts for each`() async throws {
        try await World.with { world in
            let id = UUID()
            for saga in ["one", "other"] as [SagaID] {
                try await world.sagas.start(Trip.self, id: saga, with: .init())
                for _ in 0..<2 {
                    try await world.sagas.request(
                        .retry(actor: "ada", reason: "both", id: id), of: Trip.name, id: saga)
                }
            }
            #expect(
                try await world.database.psql("select count(*), count(distinct saga) from skald.saga_inputs") == "2|2")
        }
    }
}
