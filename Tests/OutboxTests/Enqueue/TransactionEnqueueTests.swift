import EventSourcing
import Outbox
import PostgresEventStore
import SkaldTesting
import Testing

/// OB2, SG3: events, messages and the caller's own rows leave together or not at all.
@Suite struct TransactionEnqueueTests {
    private struct Rollback: Error {}
    private let stream: StreamID = "seat-A1"

    private func message(_ text: String) -> OutboxMessage {
        OutboxMessage(key: "A1", type: "seat.held", data: Array(text.utf8))
    }

    @Test func `OB2: an event and its message commit together, and are rolled back together`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.withStore { store in
                let event = try NewEvent(type: "held", json: Array("{}".utf8))
                for isKept in [true, false, true] {
                    do {
                        try await store.transaction { tx in
                            try await tx.append([event], to: stream, expecting: .any)
                            try await tx.enqueue(message("x"), to: "seats")
                            if !isKept { throw Rollback() }
                        }
                    } catch is Rollback {}
                }
                let counts = try await database.psql(
                    "select (select count(*) from skald.events), (select count(*) from skald.outbox), (select max(key_version) from skald.outbox)"
                )
                #expect(counts == "2|2|2")
            }
        }
    }
}
