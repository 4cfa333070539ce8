import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// A group never waits for one member's stream (MECHANISMS 2).
@Suite(.testDatabase(.skald)) struct BusyStreamTests {
    /// Appends to `stream` in a transaction that stays open while `body` runs.
    private static func holding(
        _ stream: String, in store: PostgresEventStore, _ body: () async throws -> Void
    ) async throws {
        try await store.transaction { transaction in
            try await transaction.append(
                [NewEvent(type: "seat.held", json: "{}")], to: StreamID(validating: stream), expecting: .any)
            try await body()
        }
    }

    /// Appends to 200 streams at once, and does something else among them; returns how long the 200 took.
    private static func appendToOthers(
        _ name: String, _ store: PostgresEventStore, amidst: () -> Void = {}
    ) async throws -> Duration {
        let began = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { others in
            for number in 0..<200 {
                if number == 50 { amidst() }
                others.addTask { try await store.appendOne(to: "\(name)-\(number)") }
            }
            try await others.waitForAll()
        }
        return began.duration(to: .now)
    }

    @Test(arguments: [true, false])
    func `a stream that another transaction holds holds up no other, and is appended to afterwards`(
        _ exists: Bool
    ) async throws {
        let database = try TestDatabase.current
        let busy = exists ? "busy-old" : "busy-new"
        var configuration = PostgresEventStore.Configuration()
        // The holder does nothing while the others append, which takes a busy machine longer than the default's 5 s.
        configuration.transactionIdleTimeout = .seconds(30)
        try await database.withStore(configuration: configuration) { store in
            if exists { try await store.appendOne(to: busy) }
            let unhindered = try await Self.appendToOthers("free-\(exists)", store)
            try await withThrowingTaskGroup(of: Void.self) { waiting in
                try await Self.holding(busy, in: store) {
                    // Among the others, so that it stands in a group with them.
                    let hindered = try await Self.appendToOthers("other-\(exists)", store) {
                        for _ in 0..<3 { waiting.addTask { try await store.appendOne(to: busy) } }
                    }
                    // A stream that is just being created costs milliseconds more than one that exists.
                    #expect(hindered < unhindered * 3 + .seconds(1))
                    let others = "select count(*) from skald.events where stream like 'other-\(exists)-%'"
                    let appended = try await database.count(others)
                    #expect(appended == 200)
                }
                try await waiting.waitForAll()
            }
            #expect(
                try await database.count("select count(*) from skald.events where stream = '\(busy)'")
                    == (exists ? 5 : 4))
        }
        try await database.expectSoundLog()
    }

    @Test func `ES5: an expectation on a stream that was busy is compared when the holder has ended`() async throws {
        let database = try TestDatabase.current
        try await database.withStore { store in
            try await store.appendOne(to: "expecting-1")
            try await withThrowingTaskGroup(of: EventStoreError?.self) { waiting in
                try await Self.holding("expecting-1", in: store) {
                    waiting.addTask {
                        await #expect(throws: EventStoreError.self) {
                            try await store.appendOne(to: "expecting-1", expecting: .version(0))
                        }
                    }
                    try await eventually("it waits for the stream") { try await database.someoneWaits() }
                }
                let error = try await waiting.next() ?? nil
                #expect(error?.code == .versionConflict)
                #expect(error?.actual == 1)
            }
        }
        try await database.expectSoundLog()
    }

    @Test(.timeLimit(.minutes(2)))
    func `streams that are held for long do not keep others from the lanes`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.psql("create sequence skald.tries; alter sequence skald.tries owner to skald_owner")
            try await database.edit("append_one") { text in
                let line = "if p_patience > 0 then"
                return text.replacing(
                    line, with: "if p_stream = 'short-1' then perform nextval('skald.tries'); end if; \(line)")
            }
            var configuration = PostgresEventStore.Configuration()
            configuration.lanes = 1
            try await database.withStore(configuration: configuration) { store in
                for stream in ["long-1", "short-1"] { try await store.appendOne(to: stream) }
                try await database.psql("select setval('skald.tries', 1, false)")
                let first = try await withThrowingTaskGroup(of: String.self) { waiting in
                    let first = try await database.holding("select from skald.streams where name = 'long-1' for update")
                    {
                        waiting.addTask {
                            try await store.appendOne(to: "long-1")
                            return "long-1"
                        }
                        try await eventually("it waits for its stream") { try await database.someoneWaits() }
                        try await database.holding("select from skald.streams where name = 'short-1' for update") {
                            waiting.addTask {
                                try await store.appendOne(to: "short-1")
                                return "short-1"
                            }
                            try await eventually("it finds its stream busy") {
                                try await database.count("select coalesce(pg_sequence_last_value('skald.tries'), 0)")
                                    > 0
                            }
                        }
                        return try await waiting.next()
                    }
                    try await waiting.waitForAll()
                    return first
                }
                #expect(first == "short-1")
            }
        }
    }

    @Test func `an append whose stream is held until its time is up says that nothing was appended`() async throws {
        let database = try TestDatabase.current
        var configuration = PostgresEventStore.Configuration()
        configuration.appendTimeout = .seconds(2)
        try await database.withStore(configuration: configuration) { store in
            try await store.appendOne(to: "held-1")
            try await Self.holding("held-1", in: store) {
                let error = await #expect(throws: EventStoreError.self) { try await store.appendOne(to: "held-1") }
                #expect(error?.code == .timedOut)
                #expect(error?.stream == "held-1")
            }
            try await store.appendOne(to: "held-2")
        }
        #expect(try await database.count("select count(*) from skald.events where stream = 'held-1'") == 2)
        try await database.expectSoundLog()
    }
}
