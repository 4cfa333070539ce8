import Foundation
import Logging
import Skald
import SkaldTesting
import Synchronization
import Testing

@Suite(.testDatabase(.skald)) struct OutboxExamples {
    @Test func `a message leaves with the events that cause it, and is handled once`() async throws {
        let database = try TestDatabase.current
        try await database.psql("create table greeted (name text); grant select, insert on greeted to skald_writer")
        let logger = Logger.silent
        try await database.withStore { store in
            // docs: enqueue
            try await store.transaction { tx in
                try await tx.append([SeatEvent.held(by: "Ann")], to: "seat-A1", expecting: .noStream)
                let message = OutboxMessage(key: "A1", type: "seat.held", data: Array(#"{"by":"Ann"}"#.utf8))
                try await tx.enqueue(message, to: "bookings")
            }
            // docs: end

            let sink = Mailbox()
            let client = store.client
            // docs: relay
            let relay = Relay("mailbox", client: client, sink: sink, logger: logger)
            // docs: end
            try await running(relay) { try await eventually("the message is taken") { !sink.taken.isEmpty } }
            let message = try #require(sink.taken.first).message

            // docs: inbox
            let inbox = Inbox(client, consumer: "greeter")
            let handling = try await inbox.handle(message.id) { tx in
                try await tx.execute("insert into greeted (name) values (\(message.key))")
            }
            print(handling)  // handled; a second delivery gives duplicate, and has no effect
            // docs: end
            let again = try await inbox.handle(message.id) { _ in Issue.record("it was handled before") }
            #expect(handling == .handled && again == .duplicate)
        }
        #expect(try await database.psql("select * from greeted") == "A1")
    }
}

// docs: sink
final class Mailbox: Sink {
    private let messages = Mutex<[OutboundMessage]>([])
    var taken: [OutboundMessage] { messages.withLock { $0 } }

    func publish(_ batch: [OutboundMessage]) async throws -> [PublishResult] {
        messages.withLock { $0 += batch }
        return batch.map { _ in .acknowledged }  // or .refused, .unknown: for each message alone
    }
}
// docs: end
