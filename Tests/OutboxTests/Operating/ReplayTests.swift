import Outbox
import Postgres
import SkaldTesting
import Testing

/// What an operator does to the outbox is kept with who did it and why.
@Suite struct ReplayTests {
    @Test func `a replay is kept with actor and reason, and without them it is refused`() async throws {
        try await OutboxFixture.with { fixture in
            let sink = RecordingSink { _ in .refused(reason: "no") }
            var configuration = OutboxFixture.quick
            configuration.attempts = 1
            let outbox = OutboxOperator(fixture.operatorClient)
            try await fixture.running(fixture.relay(sink, configuration)) {
                try await fixture.enqueue("a", "one")
                try await eventually("the key is parked") { try await outbox.parked().count == 1 }
            }
            for (actor, reason) in [("", "why"), (" ", "why"), ("ada", ""), ("ada", " ")] {
                let error = await #expect(throws: PostgresError.self) {
                    try await outbox.replay("test", actor: actor, reason: reason)
                }
                #expect(error?.sqlState == "SK003")
            }
            #expect(try await outbox.parked().count == 1, "nothing was done")
            #expect(try await outbox.replay("other", actor: "ada", reason: "why") == 0)
            #expect(try await fixture.count("select count(*) from skald.operations") == 0, "and nothing is kept")
            #expect(try await outbox.replay("test", topic: "orders", actor: "ada", reason: "it is open") == 1)
            let kept = try await fixture.database.psql(
                "select verb, actor, reason, session, target->>'topic', target->>'keys' from skald.operation_list")
            #expect(kept == "outbox.replay|ada|it is open|skald_test_operator|orders|1")
        }
    }
}
