import Outbox
import Postgres
import SkaldTesting
import Testing

/// OB8: old messages go by whole partitions, and never one that somebody still needs.
@Suite struct PurgeTests {
    /// The next message is 3,000,000, and from there on partitions are of ten messages.
    private func prepare(_ fixture: OutboxFixture) async throws {
        try await fixture.database.psql(
            """
            update skald.partition_widths set width = 10 where log = 'outbox';
            select setval('skald.outbox_position', 2999999);
            """)
    }

    /// Purges, and says where the oldest partition begins that is left.
    private func purge(_ fixture: OutboxFixture, keep: String = "0") async throws -> Int {
        while try await purgeOnce(fixture, keep: keep) > 0 {}
        return try await oldest(fixture)
    }

    private func purgeOnce(_ fixture: OutboxFixture, keep: String = "0") async throws -> Int32 {
        try await fixture.client.query("select skald.outbox_purge(\(keep)::interval)").one()[0].decode(Int32.self)
    }

    private func oldest(_ fixture: OutboxFixture) async throws -> Int {
        try await fixture.count(
            "select min(lower_bound) from skald.partitions where log = 'outbox' and dropped_at is null")
    }

    @Test func `OB8: one call drops one partition, so that the lock on the outbox is held for a moment`() async throws {
        try await OutboxFixture.with { fixture in
            try await prepare(fixture)
            for number in 0..<45 { try await fixture.enqueue("k\(number % 7)", "\(number)") }
            try await everythingSent(fixture, RecordingSink(), 45)
            var answers: [Int32] = []
            var bounds = [try await oldest(fixture)]
            repeat {
                answers.append(try await purgeOnce(fixture))
                bounds.append(try await oldest(fixture))
            } while answers.last != 0 && answers.count < 20
            #expect(answers == Array(repeating: 1, count: answers.count - 1) + [0])
            #expect(Set(bounds.dropLast()).count == answers.count, "each moved the oldest by one: \(bounds)")
        }
    }

    @Test func `OB8: a purge that finds nothing to drop locks nothing that a writer waits for`() async throws {
        try await OutboxFixture.with { fixture in
            try await prepare(fixture)
            for number in 0..<15 { try await fixture.enqueue("k\(number)", "\(number)") }
            try await everythingSent(fixture, RecordingSink(), 15)
            _ = try await purge(fixture, keep: "1 hour")
            let locks = try await fixture.client.withTransaction { tx in
                try await tx.query("select skald.outbox_purge('1 hour'::interval)")
                return try await tx.query(
                    """
                    select count(*) from pg_locks where pid = pg_backend_pid()
                       and (locktype = 'advisory' or locktype = 'relation' and mode = 'AccessExclusiveLock')
                    """
                ).one()[0].decode(Int64.self)
            }
            #expect(locks == 0)
        }
    }

    private func everythingSent(_ fixture: OutboxFixture, _ sink: RecordingSink, _ count: Int) async throws {
        var configuration = OutboxFixture.quick
        configuration.keep = .seconds(3600)
        try await fixture.running(fixture.relay(sink, configuration)) {
            try await eventually("all arrive") { sink.acknowledged.count >= count }
            try await eventually("every cursor is at the end") {
                try await fixture.count(
                    "select count(*) from skald.outbox_cursors where position < (select last_value from skald.outbox_position)"
                ) == 0
            }
        }
    }

    @Test func `OB8: what everybody has is dropped, and enqueueing goes on in new partitions`() async throws {
        try await OutboxFixture.with { fixture in
            try await prepare(fixture)
            let sink = RecordingSink()
            for number in 0..<45 { try await fixture.enqueue("k\(number % 7)", "\(number)") }
            try await everythingSent(fixture, sink, 45)
            #expect(try await purge(fixture, keep: "1 hour") == 3_000_000, "they are not old enough")
            #expect(try await purge(fixture) == 3_000_040, "the last message is 3,000,044")
            #expect(try await fixture.count("select count(*) from skald.outbox") == 5)
            for number in 0..<30 { try await fixture.enqueue("k\(number % 7)", "\(number)") }
            try await everythingSent(fixture, sink, 75)
            #expect(try await purge(fixture) == 3_000_070)
        }
    }

    @Test func `OB8: a message that is not sent keeps its partition and all later ones`() async throws {
        try await OutboxFixture.with { fixture in
            try await prepare(fixture)
            for number in 0..<25 { try await fixture.enqueue("k\(number)", "\(number)") }
            #expect(try await purge(fixture) == 0, "no sink has said that it is past them")
            try await fixture.client.execute("select skald.outbox_register('slow', 1, null, false)")
            #expect(try await purge(fixture) == 0)
        }
    }

    @Test func `OB8: a blocked key keeps the partition of its first unsent message`() async throws {
        try await OutboxFixture.with { fixture in
            try await prepare(fixture)
            for number in 0..<12 { try await fixture.enqueue("k\(number)", "\(number)") }
            try await fixture.enqueue("bad", "bad")
            for number in 0..<30 { try await fixture.enqueue("k\(number)", "\(number)") }
            let sink = RecordingSink { $0.text == "bad" ? .refused(reason: "no") : .acknowledged }
            try await everythingSent(fixture, sink, 42)
            #expect(try await purge(fixture) == 3_000_010)
            #expect(try await fixture.count("select count(*) from skald.outbox where key = 'bad'") == 1)
        }
    }

    @Test func `OB8: messages of a topic that no sink takes are kept`() async throws {
        try await OutboxFixture.with { fixture in
            try await prepare(fixture)
            var configuration = OutboxFixture.quick
            configuration.topics = ["orders"]
            try await fixture.enqueue("a", "one", to: "forgotten")
            for number in 0..<20 { try await fixture.enqueue("k\(number)", "\(number)") }
            let sink = RecordingSink()
            try await fixture.running(fixture.relay(sink, configuration)) {
                try await eventually("all of its topic arrive") { sink.acknowledged.count == 20 }
                try await eventually("every cursor is at the end") {
                    try await fixture.count("select min(position) from skald.outbox_cursors") == 3_000_020
                }
            }
            #expect(try await purge(fixture) == 3_000_000, "only the empty ones before it")
            #expect(try await fixture.count("select count(*) from skald.outbox where topic = 'forgotten'") == 1)
        }
    }

    @Test func `OB8: purging does not wait for writers, and writers hardly for purging`() async throws {
        try await OutboxFixture.with { fixture in
            try await prepare(fixture)
            for number in 0..<15 { try await fixture.enqueue("k\(number)", "\(number)") }
            try await everythingSent(fixture, RecordingSink(), 15)
            let before = try await purge(fixture, keep: "1 hour")
            try await fixture.client.withTransaction { open in
                try await open.enqueue([OutboxMessage(key: "open", type: "x", data: [])], to: "orders")
                #expect(try await purge(fixture) == before, "left for the next time")
                try await fixture.enqueue("other", "x")
            }
            #expect(try await purge(fixture) > before)
        }
    }
}
