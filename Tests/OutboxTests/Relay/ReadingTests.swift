import Outbox
import Postgres
import SkaldTesting
import Testing

/// OB1, OB4, OB5: what the database gives a relay to send, and what it lets the relay's report change.
@Suite struct ReadingTests {
    @Test func `OB4: the reader leaves a blocked key out, and a message that comes for it later`() async throws {
        try await OutboxFixture.with(Self.blockedKey)
    }

    @Test func `OB4: a blocked key is read again in the order of its messages`() async throws {
        try await OutboxFixture.with(Self.keyThatIsDue)
    }

    @Test func `OB1: a key is not free while one of its messages that the reader has passed is unsent`() async throws {
        try await OutboxFixture.with(Self.keyWithMore)
    }

    @Test func `OB5: the cursor goes to what is acknowledged, not to what was read`() async throws {
        try await OutboxFixture.with(Self.cursor)
    }

    static func blockedKey(_ fixture: OutboxFixture) async throws {
        let relay = try await HandRelay(fixture)
        try await fixture.enqueue("a", "1", "2")
        try await fixture.enqueue("b", "1")
        #expect(try await relay.next().map(\.text) == ["a1", "a2", "b1"])
        try await relay.advance(to: 0, read: 3, "a", "park", version: 1)
        try await fixture.enqueue("a", "3")
        let keys = try await relay.next()
        #expect(keys.map(\.text) == ["b1"], "OB4: nothing of the parked key")
        #expect(try await relay.due().isEmpty, "a parked key waits for an operator")
    }

    static func keyThatIsDue(_ fixture: OutboxFixture) async throws {
        let relay = try await HandRelay(fixture)
        try await fixture.enqueue("a", "1", "2", "3")
        try await relay.advance(to: 3, read: 3, "a", "retry", version: 2)
        let due = try await relay.due()
        #expect(due.map(\.text) == ["a2", "a3"])
    }

    static func keyWithMore(_ fixture: OutboxFixture) async throws {
        let relay = try await HandRelay(fixture)
        try await fixture.enqueue("a", "1", "2", "3")
        try await relay.advance(to: 3, read: 3, "a", "retry", version: 1)
        // The first two are acknowledged. The third one is below the cursor: only its key's row remembers it.
        try await relay.advance(to: 3, read: 3, "a", "free", version: 3)
        let due = try await relay.due()
        #expect(due.map(\.text) == ["a3"], "OB1: it is still to be sent")
        try await relay.advance(to: 3, read: 3, "a", "free", version: 4)
        #expect(try await fixture.count("select count(*) from skald.outbox_blocked") == 0)
    }

    static func cursor(_ fixture: OutboxFixture) async throws {
        let relay = try await HandRelay(fixture)
        try await fixture.enqueue("a", "1")
        try await fixture.enqueue("b", "1")
        try await relay.advance(to: 1, read: 2)
        let next = try await relay.next(after: fixture.count("select position from skald.outbox_cursors"))
        #expect(next.map(\.text) == ["b1"], "OB5: it is not acknowledged, and read again")
    }
}

/// What a relay asks the database, by hand: one sink with one lane, under a lease.
private struct HandRelay {
    struct Read: Sendable {
        let key: String
        let version: Int64
        var text: String { "\(key)\(version)" }
    }

    let client: PostgresClient
    let epoch: Int64

    init(_ fixture: OutboxFixture) async throws {
        client = fixture.client
        try await client.execute("select skald.outbox_register('web', 1, null, false)")
        epoch = try await client.query(
            "select epoch from skald.lease_acquire(array['outbox/web/0'], 'me', interval '10 minutes', 1)"
        ).one()[0].decode(Int64.self)
    }

    func next(after position: Int = 0) async throws -> [Read] {
        try await read("select key, key_version from skald.outbox_next('web', 0, \(Int64(position)), 100)")
    }

    func due() async throws -> [Read] {
        try await read("select key, key_version from skald.outbox_due('web', 0, 1000, 10, 10)")
    }

    func advance(to position: Int64, read: Int64) async throws {
        try await client.execute("select skald.outbox_advance('web', 0, \(epoch), \(position), \(read))")
    }

    func advance(to position: Int64, read: Int64, _ key: String, _ verdict: String, version: Int64) async throws {
        try await client.execute(
            """
            select skald.outbox_advance('web', 0, \(epoch), \(position), \(read), array[''], array['orders'], array[\(key)],
                                        array[\(verdict)], array[\(version)], array[1], array[0::float8], array['no'])
            """)
    }

    private func read(_ statement: SQL) async throws -> [Read] {
        try await client.query(statement).decode(String?.self, Int64?.self).compactMap { key, version in
            if let key, let version { Read(key: key, version: version) } else { nil }
        }
    }
}
