import EmbeddedPostgres
import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Synchronization
import Testing

/// The log's generation: cursors into what a restored copy does not hold are refused; a crash loses a follower nothing.
@Suite struct RewindTests {
    @Test func `ES9: a cursor into what an older copy has lost is refused, before and after the copy goes on`()
        async throws
    {
        try await EmbeddedPostgres.with { server in
            try await withTestDatabase(.skald) { original in
                // Its roles and a login, as on the first server.
                try await withTestDatabase(.skald, on: server) { copy in
                    let (kept, lost) = try await original.withStore { store in
                        for number in 0..<10 { try await store.appendOne(to: "kept-\(number)") }
                        let kept = try #require(try await Self.lastCursor(store))
                        try await Self.restore(original, over: copy)
                        for number in 0..<10 { try await store.appendOne(to: "lost-\(number)") }
                        return (kept, try #require(try await Self.lastCursor(store)))
                    }
                    try await copy.withStore { store in
                        let beyond = await #expect(throws: EventStoreError.self) {
                            try await store.readLogPage(after: lost, limit: 10)
                        }
                        #expect(beyond?.code == .logRewound)
                        // The copy goes on, and uses the lost positions for other events.
                        for number in 0..<20 { try await store.appendOne(to: "other-\(number)") }
                        let reused = await #expect(throws: EventStoreError.self) {
                            try await store.readLogPage(after: lost, limit: 10)
                        }
                        #expect(reused?.code == .logRewound)
                        // A cursor into what the copy holds is as good as ever, and leads into the new generation.
                        let page = try await store.readLogPage(after: kept, limit: 100)
                        #expect(page.events.count == 20)
                        #expect(page.cursor.generation > kept.generation)
                        #expect(try await store.readLogPage(after: page.cursor, limit: 10).events.isEmpty)
                    }
                }
            }
        }
    }

    private static func lastCursor(_ store: PostgresEventStore) async throws -> LogCursor? {
        var last: LogCursor?
        for try await event in store.readAll() { last = event.cursor }
        return last
    }

    /// What an operator does with a backup: a dump of the whole schema, restored on another server.
    private static func restore(_ original: TestDatabase, over copy: TestDatabase) async throws {
        let dump = try await ChildProgram.run(
            original.server.programFolder + "/pg_dump",
            ["--schema=skald", "--dbname", original.connectionString(.owner)])
        #expect(dump.status == 0, "\(dump.error)")
        try await copy.psql("drop schema skald cascade")
        try await copy.psql(dump.output)
    }

    @Test(.timeLimit(.minutes(2)))
    func `ES9: a follower that keeps its cursor misses nothing when a crash takes unflushed positions back`()
        async throws
    {
        // A server that is slow to flush what nobody waits for.
        try await EmbeddedPostgres.with(.init(settings: ["wal_writer_delay": "10s"])) { server in
            try await withTestDatabase(.skald, on: server) { database in
                try await database.withStore { store in
                    let seen = Seen()
                    var timesBack = 0
                    var expected: [String] = []
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await Self.follow(store, into: seen) }
                        for round in 0..<5 {
                            for number in 0..<5 {
                                try await store.appendOne(to: "crash-\(round)-\(number)", id: AppendID())
                                expected.append("crash-\(round)-\(number)")
                            }
                            // What an open transaction has drawn is not flushed, and the crash comes in the midst of it.
                            // (Rolling back would wake the server's WAL writer.)
                            var drawn: Int64 = 0
                            try? await store.transaction { transaction in
                                let events = try (0..<200).map { _ in try NewEvent(type: "seat.held", json: "{}") }
                                let undone = try await transaction.append(events, to: "undone-1", expecting: .any)
                                drawn = undone.lastPosition.rawValue
                                try await server.kill()
                                try await server.start()
                                throw CancellationError()
                            }
                            let left = try await database.count(
                                "select coalesce(pg_sequence_last_value('skald.events_position'), 0)")
                            if left < drawn { timesBack += 1 }
                        }
                        #expect(timesBack > 0, "the sequence never went back, so nothing was put to the test")
                        try await store.appendOne(to: "crash-last", id: AppendID())
                        expected.append("crash-last")
                        try await eventually("the follower has seen the last event") {
                            seen.names.last == "crash-last"
                        }
                        group.cancelAll()
                    }
                    #expect(seen.names == expected)
                }
            }
        }
    }

    private final class Seen: Sendable {
        private let state = Mutex<[String]>([])
        var names: [String] { state.withLock { $0 } }
        func add(_ name: String) { state.withLock { $0.append(name) } }
    }

    /// Follows the log as a reader outside of the database does: with a cursor of its own, again after every error.
    private static func follow(_ store: PostgresEventStore, into seen: Seen) async throws {
        var cursor = LogCursor.start
        while !Task.isCancelled {
            do {
                for try await event in store.follow(after: cursor) {
                    cursor = event.cursor
                    seen.add(event.stream.name)
                }
            } catch {
                #expect(error.code != .logRewound, "\(error.message)")
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
