import EventSourcing
import Foundation
import SkaldTesting
import Testing

/// What the sequences do beyond what the conformance suite checks of every store.
@Suite(.timeLimit(.minutes(2))) struct ReadingTests {
    private func filled(_ count: Int) async throws -> InMemoryEventStore {
        let store = InMemoryEventStore()
        try await store.append(
            (0..<count).map { SeatEvent.released(booking: "\($0)") }, to: "seat-A1", expecting: .noStream)
        return store
    }

    @Test func `nothing is fetched before it is asked for, and never more than a page`() async throws {
        let asked = Notes<Int>()
        var store = HookedStore(base: try await filled(100))
        store.streamQuery = { from, direction, limit in
            asked.add(limit)
            return (from, direction, limit)
        }
        store.logQuery = { cursor, limit in
            asked.add(limit)
            return (cursor, limit)
        }
        var stream = store.read("seat-A1", limit: 25, pageSize: 10).makeAsyncIterator()
        #expect(asked.all.isEmpty)
        for _ in 0..<10 { _ = try await stream.next() }
        #expect(asked.all == [10])
        while try await stream.next() != nil {}
        #expect(asked.all == [10, 10, 5])

        var log = store.readAll(limit: 15, pageSize: 10).makeAsyncIterator()
        _ = try await log.next()
        #expect(asked.all == [10, 10, 5, 10])
        while try await log.next() != nil {}
        #expect(asked.all == [10, 10, 5, 10, 5])

        var followed = store.follow(pageSize: 40).makeAsyncIterator()
        for _ in 0..<40 { _ = try await followed.next() }
        #expect(asked.all == [10, 10, 5, 10, 5, 40], "a slow follower holds back its own fetching")
    }

    @Test func `a follower waits only after an empty page`() async throws {
        let waits = Notes<LogCursor>()
        var store = HookedStore(base: try await filled(10))
        store.wait = { (base, cursor) async throws(EventStoreError) in
            waits.add(cursor)
            // Wakes for nothing the first time, which it may.
            if waits.all.count > 1 {
                try await base.append([SeatEvent.closed], to: "seat-A1", expecting: .any)
            }
        }
        var followed = store.follow(pageSize: 5).makeAsyncIterator()
        for _ in 0..<10 { _ = try await followed.next() }
        #expect(waits.all.isEmpty)
        #expect(try await followed.next()?.position == 11)
        #expect(waits.all == [LogCursor(generation: 1, position: 10), LogCursor(generation: 1, position: 10)])
    }

    @Test func `an error of the store ends following, and following again goes on from the last cursor`() async throws {
        let store = try await filled(3)
        var broken = HookedStore(base: store)
        broken.wait = { (_, _) async throws(EventStoreError) in throw EventStoreError(.unavailable, "gone") }
        var last = LogCursor.start
        let error = await #expect(throws: EventStoreError.self) {
            for try await event in broken.follow() { last = event.cursor }
        }
        #expect(error?.code == .unavailable && last.position == 3)
        try await store.append([SeatEvent.closed], to: "seat-A1", expecting: .any)
        var again = store.follow(after: last).makeAsyncIterator()
        #expect(try await again.next()?.position == 4)
    }

    @Test func `following ends quietly only if it is the follower who was cancelled`() async throws {
        var store = HookedStore()
        store.wait = { (_, _) async throws(EventStoreError) in throw .cancelled }
        await #expect(throws: EventStoreError.cancelled) {
            for try await _ in store.follow() {}
        }
    }

    @Test func `a log is read as the events of one type, past those of others`() async throws {
        let store = try await filled(2)
        try await store.append([ValueEvent.number(7)], to: "value-1", expecting: .noStream)
        try await store.append([SeatEvent.closed], to: "seat-B1", expecting: .noStream)
        var seats: [SeatEvent] = []
        for try await seat in store.readAll().events(of: SeatEvent.self) { seats.append(seat.event) }
        #expect(seats == [.released(booking: "0"), .released(booking: "1"), .closed])
        var numbers: [ValueEvent] = []
        for try await value in store.follow().events(of: ValueEvent.self) {
            numbers.append(value.event)
            break
        }
        #expect(numbers == [.number(7)])
    }

    @Test func `a stream read as another type fails, and does not come out empty`() async throws {
        let store = try await filled(1)
        let error = await #expect(throws: EventStoreError.self) {
            for try await _ in store.read("seat-A1").decoded(as: ValueEvent.self) {}
        }
        #expect(error?.code == .unknownEventType)
    }

    @Test func `a cursor beyond the end of the log in memory is refused`() async throws {
        let store = try await filled(3)
        let error = await #expect(throws: EventStoreError.self) {
            for try await _ in store.readAll(after: LogCursor(generation: 1, position: 4)) {}
        }
        #expect(error?.code == .logRewound)
        #expect(error?.message.hasPrefix("the log was rewound: cursor g1-4 ") == true)
    }

    @Test func `events in memory carry the time of the store's clock`() async throws {
        let store = InMemoryEventStore(now: { Date(timeIntervalSince1970: 7) })
        try await store.append([SeatEvent.closed], to: "seat-A1", expecting: .noStream)
        #expect(
            try await store.readPage(of: "seat-A1", from: nil, .forwards, limit: 1).events[0].recordedAt
                .timeIntervalSince1970 == 7)
    }
}
