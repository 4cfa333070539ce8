import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// The store takes appends while it runs, and at no other time; who waits too long or leaves has appended nothing.
@Suite(.testDatabase(.skald)) struct LifeTests {
    @Test func `used before it runs, or after, it fails at once with notRunning`() async throws {
        let database = try TestDatabase.current
        try await database.withClient { client in
            let store = PostgresEventStore(client, logger: .silent)
            func refusal() async -> EventStoreError? {
                await #expect(throws: EventStoreError.self) { try await store.appendOne(to: "life-1") }
            }
            func refusalOfSeveral() async -> EventStoreError? {
                await #expect(throws: EventStoreError.self) {
                    let event = try NewEvent(type: "seat.held", json: "{}")
                    try await store.append(["life-1", "life-2"].map { StreamAppend([event], to: $0, expecting: .any) })
                }
            }
            #expect(await refusal()?.code == .notRunning)
            #expect(await refusalOfSeveral()?.code == .notRunning)
            await withTaskGroup { group in
                group.addTask { try? await store.run() }
                await store.ready()
                group.cancelAll()
            }
            #expect(await refusal()?.code == .notRunning)
            #expect(await refusalOfSeveral()?.code == .notRunning)
        }
        #expect(try await database.count("select count(*) from skald.events where stream like 'life-%'") == 0)
    }

    /// While the streams are locked, one append is in flight and the others wait in line.
    @Test func `more than may wait are refused with overloaded, and only they`() async throws {
        let database = try TestDatabase.current
        var configuration = PostgresEventStore.Configuration()
        configuration.concurrentGroups = 1
        configuration.maximumWaiting = 4
        try await database.withStore(configuration: configuration) { store in
            let outcomes = try await withThrowingTaskGroup(of: EventStoreError.Code?.self) { group in
                func append(_ number: Int) async throws -> EventStoreError.Code? {
                    do {
                        try await store.appendOne(to: "line-\(number)")
                        return nil
                    } catch let error as EventStoreError {
                        #expect(error.message.contains("raise maximumWaiting or maximumWaitingBytes"), "\(error)")
                        return error.code
                    }
                }
                var refused: [EventStoreError.Code?] = []
                try await database.holding("lock table skald.streams in access exclusive mode") {
                    group.addTask { try await append(0) }
                    try await eventually("one is in flight") { try await database.someoneWaits() }
                    for number in 1...20 { group.addTask { try await append(number) } }
                    while refused.count < 16, let outcome = try await group.next() { refused.append(outcome) }
                }
                #expect(refused == Array(repeating: .overloaded, count: 16))
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes == Array(repeating: nil, count: 5))
        }
        #expect(try await database.count("select count(*) from skald.events where stream like 'line-%'") == 5)
        try await database.expectSoundLog()
    }

    @Test(.timeLimit(.minutes(2)))
    func `an append to several streams that is cancelled between two attempts says that nothing was done`() async throws
    {
        try await withTestDatabase(.skald) { database in
            try await database.psql(
                """
                create sequence attempts; grant usage on attempts to skald_owner;
                create function fail() returns trigger language plpgsql as $$ begin
                    perform nextval('public.attempts');
                    raise exception 'again' using errcode = '40001';
                end $$;
                create trigger fail before insert on skald.events_p000001 for each row execute function fail();
                """)
            var configuration = PostgresEventStore.Configuration()
            configuration.transactionAttempts = 10_000
            try await database.withStore(configuration: configuration) { store in
                let error = try await withThrowingTaskGroup(of: EventStoreError?.self) { group in
                    group.addTask {
                        await #expect(throws: EventStoreError.self) {
                            let event = try NewEvent(type: "seat.held", json: "{}")
                            try await store.append(
                                ["a-1", "b-1"].map { StreamAppend([event], to: $0, expecting: .any) })
                        }
                    }
                    // By now it spends far more time between attempts than in them.
                    try await eventually("it is tried again and again") {
                        try await database.count("select last_value from attempts") > 9
                    }
                    group.cancelAll()
                    return try await group.next() ?? nil
                }
                #expect(error?.code == .cancelled, "\(String(reflecting: error))")
            }
        }
    }

    @Test func `a caller that is cancelled while it waits in line has appended nothing`() async throws {
        let database = try TestDatabase.current
        var configuration = PostgresEventStore.Configuration()
        configuration.concurrentGroups = 1
        try await database.withStore(configuration: configuration) { store in
            try await withThrowingTaskGroup(of: Void.self) { first in
                try await database.holding("lock table skald.streams in access exclusive mode") {
                    first.addTask { try await store.appendOne(to: "cancelled-0") }
                    try await eventually("one is in flight") { try await database.someoneWaits() }
                    await withTaskGroup { waiting in
                        waiting.addTask {
                            let error = await #expect(throws: EventStoreError.self) {
                                try await store.appendOne(to: "cancelled-1")
                            }
                            #expect(error?.code == .cancelled)
                        }
                        waiting.cancelAll()
                    }
                }
                try await first.waitForAll()
            }
            try await store.appendOne(to: "cancelled-2")
        }
        let streams = try await database.psql(
            "select stream from skald.events where stream like 'cancelled-%' order by 1")
        #expect(streams == "cancelled-0\ncancelled-2")
        try await database.expectSoundLog()
    }
}
