import Outbox
import Postgres
import SkaldTesting
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// OB2 and what enqueueing promises, from Swift and from SQL alike.
@Suite struct EnqueueTests {
    @Test func `messages of a key are numbered from 1 without holes, across transactions and callers`() async throws {
        try await OutboxFixture.with { fixture in
            #expect(try await fixture.enqueue("a", "one", "two").map(\.keyVersion) == [1, 2])
            #expect(try await fixture.enqueue("b", "one").map(\.keyVersion) == [1])
            let fromSQL = try await fixture.database.psql(
                "select key_version from skald.enqueue('orders', 'a', 'order.noted', '{\"n\": 3}')", as: .writer)
            #expect(fromSQL == "3")
            #expect(try await fixture.enqueue("a", "four", to: "another topic").map(\.keyVersion) == [1])
        }
    }

    @Test func `OB2: what is rolled back was never enqueued, and leaves no hole in a key's numbers`() async throws {
        struct Rollback: Error {}
        try await OutboxFixture.with { fixture in
            try await fixture.enqueue("a", "kept")
            await #expect(throws: Rollback.self) {
                try await fixture.client.withTransaction { tx in
                    try await tx.enqueue([OutboxMessage(key: "a", type: "x", data: [])], to: "orders")
                    throw Rollback()
                }
            }
            #expect(try await fixture.enqueue("a", "kept too").map(\.keyVersion) == [2])
            #expect(try await fixture.count("select count(*) from skald.outbox") == 2)
        }
    }

    @Test func `every attribute comes out as it went in`() async throws {
        try await OutboxFixture.with { fixture in
            let message = OutboxMessage(
                key: "schlüssel", type: "order.placed", source: "/orders", subject: "42 ✓",
                time: .init(timeIntervalSince1970: 1_700_000_000.25), dataContentType: "application/octet-stream",
                dataSchema: "https://example.org/schema",
                traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                extensions: ["partitionkey": "a \"quoted\" one"], data: [0, 255, 10])
            try await fixture.enqueue([message])
            let sink = RecordingSink()
            try await fixture.running(fixture.relay(sink)) {
                try await eventually("the message arrives") { !sink.deliveries.isEmpty }
            }
            let received = try #require(sink.deliveries.first?.message)
            #expect(received.message == message)
            #expect(received.topic == "orders")
            #expect(received.keyVersion == 1)
        }
    }

    @Test(arguments: [
        (OutboxMessage(key: "", type: "x", data: []), "messages[1].key"),
        (OutboxMessage(key: "k\u{1}", type: "x", data: []), "messages[1].key"),
        (OutboxMessage(key: "k", type: "", data: []), "messages[1].type"),
        (OutboxMessage(key: "k", type: "x", source: "", data: []), "messages[1].source"),
        (OutboxMessage(key: "k", type: "x", extensions: ["Upper": "x"], data: []), "messages[1].headers"),
        (OutboxMessage(key: "k", type: "x", time: Date(timeIntervalSince1970: 1e12), data: []), "messages[1].time"),
        (OutboxMessage(key: "k", type: "x", dataContentType: "a\r\nb: c", data: []), "messages[1].datacontenttype"),
        (OutboxMessage(key: "k", type: "x", traceparent: "00-\n", data: []), "messages[1].traceparent"),
        (OutboxMessage(key: "k", type: "x", data: Array(repeating: 0, count: 1_048_577)), "messages[1].payload"),
    ])
    func `a message that is not valid is named, and nothing of its group is enqueued`(
        message: OutboxMessage, field: String
    ) async throws {
        try await OutboxFixture.with { fixture in
            let good = OutboxMessage(key: "good", type: "x", data: [])
            let error = await #expect(throws: PostgresError.self) { try await fixture.enqueue([good, message]) }
            #expect(error?.sqlState == "SK003")
            #expect(error?.message.contains(field) == true)
            let count = try await fixture.count("select count(*) from skald.outbox")
            #expect(count == 0)
        }
    }

    @Test func `within a key, positions rise with versions however many enqueue at once`() async throws {
        try await OutboxFixture.with { fixture in
            try await withThrowingTaskGroup { group in
                for writer in 0..<12 {
                    group.addTask {
                        for round in 0..<15 {
                            let keys = (0..<4).map { "k\(($0 * 7 + writer + round) % 5)" }
                            try await fixture.enqueue(keys.map { OutboxMessage(key: $0, type: "x", data: []) })
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await fixture.count("select count(*) from skald.outbox") == 12 * 15 * 4)
            let disorder = """
                select count(*) from (select key_version, row_number() over w as number, lag(position) over w as before, position
                from skald.outbox window w as (partition by tenant, topic, key order by key_version)) as m
                where key_version <> number or before > position
                """
            #expect(try await fixture.count(disorder) == 0)
        }
    }

    @Test func `messages are append-only for everybody, and the writer cannot read the tables behind the functions`()
        async throws
    {
        try await OutboxFixture.with { fixture in
            try await fixture.enqueue("a", "one")
            for statement in ["update skald.outbox set key = 'b'", "delete from skald.outbox", "truncate skald.outbox"]
            {
                await #expect(throws: (any Error).self) { try await fixture.database.psql(statement) }
                await #expect(throws: (any Error).self) { try await fixture.database.psql(statement, as: .writer) }
            }
            #expect(try await fixture.count("select count(*) from skald.outbox") == 1)
        }
    }

    @Test(arguments: ["infinity", "-infinity", "0001-12-31 BC", "10000-01-01"])
    func `a time that no header can carry is refused when it is enqueued, and not when it is sent`(
        time: String
    ) async throws {
        try await OutboxFixture.with { fixture in
            let error = await #expect(throws: PostgresError.self) {
                try await fixture.client.execute(
                    "select skald.enqueue('orders', 'k', 'x', '{}', \"time\" => \(time)::text::timestamptz)")
            }
            #expect(
                error?.sqlState == "SK003" && error?.message.contains("time") == true, "\(String(describing: error))")
        }
    }
}
