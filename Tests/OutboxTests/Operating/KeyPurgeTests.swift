import Outbox
import Postgres
import SkaldTesting
import Synchronization
import Testing

/// OB8: the table of keys stays bounded too, and nobody's order suffers by it (OB4).
@Suite struct KeyPurgeTests {
    @Test func `OB8: a key without messages is removed, and begins again above what it had`() async throws {
        try await OutboxFixture.with(Self.beginsAgain)
    }

    static func beginsAgain(_ fixture: OutboxFixture) async throws {
        try await fixture.enqueue("a", "1", "2", "3")
        try await fixture.enqueue("b", "1")
        try await dropMessages(fixture, "key = 'a'")
        #expect(try await purge(fixture) == 1)
        #expect(try await fixture.database.psql("select key from skald.outbox_keys") == "b")
        #expect(try await purge(fixture) == 0)
        let versions = try await fixture.enqueue(
            ["a", "a", "b", "new"].map { OutboxMessage(key: $0, type: "x", data: []) })
        #expect(versions.map(\.keyVersion) == [4, 5, 2, 4], "OB4: no version comes again")
        #expect(try await fixture.enqueue("a", "6").map(\.keyVersion) == [6])
    }

    @Test func `OB8: a key that somebody enqueues to is passed over, and nobody waits`() async throws {
        try await OutboxFixture.with { fixture in
            try await fixture.enqueue("a", "1")
            try await Self.dropMessages(fixture, "true")
            try await fixture.client.withTransaction { open in
                try await open.enqueue([OutboxMessage(key: "a", type: "x", data: [])], to: "orders")
                #expect(try await Self.purge(fixture) == 0)
            }
            #expect(try await Self.purge(fixture) == 0)
            #expect(try await fixture.enqueue("a", "3").map(\.keyVersion) == [3])
        }
    }

    private final class Record: Sendable {
        let enqueued = Mutex<[(key: String, enqueued: Enqueued)]>([])
        let isOver = Mutex(false)
    }

    @Test func `OB4: versions rise with positions while keys are purged under those who enqueue`() async throws {
        try await OutboxFixture.with { fixture in
            let record = Record()
            let removed = try await withThrowingTaskGroup(of: Int.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for round in 0..<60 {
                            let keys = [(writer + round) % 7, (writer * 3 + round) % 7].sorted().map { "k\($0)" }
                            let messages = keys.map { OutboxMessage(key: $0, type: "x", data: []) }
                            let done = try await fixture.enqueue(messages)
                            record.enqueued.withLock { $0 += zip(keys, done).map { (key: $0, enqueued: $1) } }
                        }
                        return 0
                    }
                }
                group.addTask {
                    var removed = 0
                    while !record.isOver.withLock({ $0 }) {
                        try await Self.dropMessages(fixture, "true")
                        removed += try await Self.purge(fixture)
                    }
                    return removed
                }
                for _ in 0..<4 { _ = try await group.next() }
                record.isOver.withLock { $0 = true }
                return try await group.reduce(0, +)
            }
            #expect(removed > 7, "keys were removed and came again")
            let byKey = Dictionary(grouping: record.enqueued.withLock { $0 }, by: \.key)
            for (key, messages) in byKey {
                let versions = messages.map(\.enqueued).sorted { $0.position < $1.position }.map(\.keyVersion)
                #expect(zip(versions, versions.dropFirst()).allSatisfy { $0 < $1 }, "\(key): \(versions)")
            }
        }
    }

    @Test func `OB8: a relay removes the keys that were left behind`() async throws {
        try await OutboxFixture.with { fixture in
            for number in 0..<20 { try await fixture.enqueue("k\(number)", "x") }
            try await Self.dropMessages(fixture, "true")
            try await fixture.enqueue("stays", "x")
            try await fixture.running(fixture.relay(RecordingSink())) {
                try await eventually("they are removed") {
                    try await fixture.database.psql("select string_agg(key, ' ') from skald.outbox_keys") == "stays"
                }
            }
        }
    }

    /// What the dropping of partitions leaves behind: keys without messages.
    private static func dropMessages(_ fixture: OutboxFixture, _ condition: String) async throws {
        try await fixture.database.psql(
            "set session_replication_role = replica; delete from skald.outbox where \(condition);")
    }

    private static func purge(_ fixture: OutboxFixture) async throws -> Int {
        let row = try await fixture.client.query("select removed, key from skald.outbox_purge_keys('', '', '', 1000)")
        let (removed, next) = try row.one().decode(Int32.self, String?.self)
        #expect(next == nil)
        return Int(removed)
    }
}
