import EventSourcing
import Foundation
import SkaldTesting
import Testing

/// Load, decide, append, and again on a conflict.
@Suite(.timeLimit(.minutes(2))) struct ExecuteTests {
    private let noon = Date(timeIntervalSince1970: 1_767_225_600)
    private let now = ConflictRetry(maximumAttempts: 4, firstDelay: .zero)

    /// A store where another writer does something before each of the first appends.
    private func contested(_ events: [SeatEvent], base: InMemoryEventStore, calls: Notes<AppendID?>) -> HookedStore {
        var store = HookedStore(base: base)
        store.append = { (base, appends, id) async throws(EventStoreError) in
            let call = calls.all.count
            calls.add(id)
            if call < events.count { try await base.append([events[call]], to: appends[0].stream, expecting: .any) }
            return try await base.append(appends, id: id)
        }
        return store
    }

    @Test func `a command is decided on what has happened, and what happens is appended`() async throws {
        let store = InMemoryEventStore()
        let first = try await store.execute(
            .hold("b1", until: noon), by: Seat(), on: "A1", metadata: Metadata(actor: "ada"))
        #expect(first.events == [.held(booking: "b1", until: noon)])
        #expect(first.state == .init(holder: "b1") && first.stream == "seat-A1")
        #expect(first.version == 0 && first.position == 1 && first.attempts == 1)
        let second = try await store.execute(.release("b1"), by: Seat(), on: "A1")
        #expect(second.version == 1 && second.position == 2 && second.state == .init(holder: nil))
        var read: [Recorded<SeatEvent>] = []
        for try await event in store.read("seat-A1").decoded(as: SeatEvent.self) { read.append(event) }
        #expect(read.map(\.event) == first.events + second.events)
        #expect(read.map(\.metadata.actor) == ["ada", nil])
    }

    @Test func `a refused command throws the decider's own error and appends nothing`() async throws {
        let store = InMemoryEventStore()
        try await store.execute(.hold("b1", until: noon), by: Seat(), on: "A1")
        await #expect(throws: Seat.SeatError.taken) {
            try await store.execute(.hold("b2", until: noon), by: Seat(), on: "A1")
        }
        #expect(try await store.logState().head == 1)
    }

    @Test func `a command that changes nothing appends nothing`() async throws {
        let calls = Notes<AppendID?>()
        let store = contested([], base: InMemoryEventStore(), calls: calls)
        try await store.execute(.hold("b1", until: noon), by: Seat(), on: "A1")
        let again = try await store.execute(.hold("b1", until: noon), by: Seat(), on: "A1")
        #expect(again.events.isEmpty && again.version == 0 && again.position == 1)
        #expect(calls.all.count == 1)
    }

    @Test func `when another writer was faster the command is decided anew on what is there now`() async throws {
        let (base, calls) = (InMemoryEventStore(), Notes<AppendID?>())
        let store = contested([.closed, .closed], base: base, calls: calls)
        let result = try await store.execute(.hold("b1", until: noon), by: Seat(), on: "A1", retry: now)
        #expect(result.attempts == 3 && result.version == 2)
        #expect(Set(calls.all).count == 3, "each decision has an append id of its own")

        let taken = contested([.held(booking: "b2", until: noon)], base: InMemoryEventStore(), calls: Notes())
        await #expect(throws: Seat.SeatError.taken, "the second decision sees the other's hold") {
            try await taken.execute(.hold("b1", until: noon), by: Seat(), on: "A1", retry: now)
        }
    }

    @Test func `after the last attempt the conflict is the caller's`() async throws {
        let calls = Notes<AppendID?>()
        let store = contested(Array(repeating: .closed, count: 10), base: InMemoryEventStore(), calls: calls)
        let error = await #expect(throws: EventStoreError.self) {
            try await store.execute(.hold("b1", until: noon), by: Seat(), on: "A1", retry: now)
        }
        #expect(error?.code == .versionConflict && error?.expected == .version(2) && error?.actual == 3)
        #expect(calls.all.count == 4)
        await #expect(throws: EventStoreError.self) {
            try await store.execute(.hold("b1", until: noon), by: Seat(), on: "A1", retry: .never)
        }
        #expect(calls.all.count == 5)
    }

    @Test(arguments: [true, false])
    func `an unknown outcome is settled by the same append id`(_ happened: Bool) async throws {
        let (base, calls) = (InMemoryEventStore(), Notes<AppendID?>())
        var store = HookedStore(base: base)
        store.append = { (base, appends, id) async throws(EventStoreError) in
            let call = calls.all.count
            calls.add(id)
            if call < 2 {
                if happened { _ = try await base.append(appends, id: id) }
                throw EventStoreError(.outcomeUnknown, "the connection died")
            }
            return try await base.append(appends, id: id)
        }
        let result = try await store.execute(.hold("b1", until: noon), by: Seat(), on: "A1", retry: now)
        #expect(result.version == 0 && result.attempts == 1, "decided once")
        #expect(Set(calls.all).count == 1 && calls.all.count == 3 && calls.all[0] != nil)
        #expect(try await base.logState().head == 1, "appended once (ES10)")
    }

    @Test func `an outcome that stays unknown is told`() async throws {
        var store = HookedStore()
        store.append = { (_, _, _) async throws(EventStoreError) in throw EventStoreError(.outcomeUnknown, "dead") }
        let error = await #expect(throws: EventStoreError.self) {
            try await store.execute(.hold("b1", until: noon), by: Seat(), on: "A1", retry: now)
        }
        #expect(error?.code == .outcomeUnknown && error?.outcome == .unknown)
    }

    /// What a store says of a later attempt, and whether that settles what became of the first one.
    enum Later: CaseIterable {
        case notRunning, timedOut, unavailable, overloaded, cancelled, invalidArgument
        case conflictThatMayPass, conflictForGood, closed, reused

        var settles: Bool { [.conflictForGood, .closed, .reused].contains(self) }

        func error(_ append: StreamAppend, _ id: AppendID?) -> EventStoreError {
            func conflict(_ actual: StreamVersion?) -> EventStoreError {
                .versionConflict([
                    VersionConflict(stream: append.stream, expected: append.expected, actual: actual)
                ])
            }
            return switch self {
            case .notRunning: EventStoreError(.notRunning, "it ended")
            case .timedOut: EventStoreError(.timedOut, "its time was up")
            case .unavailable: EventStoreError(.unavailable, "the server is down")
            case .overloaded: EventStoreError(.overloaded, "too many wait")
            case .cancelled: .cancelled
            case .invalidArgument: .invalidArgument("data", "refused by a new rule")
            case .conflictThatMayPass: conflict(nil)
            case .conflictForGood: conflict(7)
            case .closed: .streamClosed(append.stream)
            case .reused: .appendIDReused(id ?? AppendID(), stream: append.stream)
            }
        }
    }

    @Test(arguments: Later.allCases)
    func `ES2: after an attempt that may have happened only a verdict on it is definite`(_ later: Later) async throws {
        let (base, calls) = (InMemoryEventStore(), Notes<AppendID?>())
        try await base.append([SeatEvent.closed], to: "seat-A1", expecting: .noStream)
        var store = HookedStore(base: base)
        store.append = { (base, appends, id) async throws(EventStoreError) in
            calls.add(id)
            if calls.all.count > 1 { throw later.error(appends[0], id) }
            throw EventStoreError(.outcomeUnknown, "the connection died")
        }
        let error = await #expect(throws: EventStoreError.self) {
            try await store.execute(
                .hold("b1", until: noon), by: Seat(), on: "A1",
                retry: ConflictRetry(maximumAttempts: 2, firstDelay: .zero))
        }
        #expect((error?.code == .outcomeUnknown) == !later.settles, "\(String(reflecting: error))")
        if !later.settles {
            #expect(error?.appendID == calls.all[0] && error?.stream == "seat-A1")
            #expect(
                (error?.underlying as? EventStoreError)?.code
                    == later.error(
                        StreamAppend([], to: "seat-A1", expecting: .version(0)), nil
                    ).code)
        }
    }

    @Test func `ES2: cancelled after an attempt that may have happened, a command is not called undone`() async throws {
        let clock = TestClock()
        var store = HookedStore()
        store.append = { (_, _, _) async throws(EventStoreError) in throw EventStoreError(.outcomeUnknown, "dead") }
        await withTaskGroup(of: Void.self) { [store] group in
            group.addTask {
                let error = await #expect(throws: EventStoreError.self) {
                    try await store.execute(
                        .hold("b1", until: .distantFuture), by: Seat(), on: "A1",
                        retry: ConflictRetry(firstDelay: .seconds(3600), maximumDelay: .seconds(3600)), clock: clock)
                }
                #expect(error?.code == .outcomeUnknown && error?.underlying is CancellationError)
            }
            await clock.waitForSleepers()
            group.cancelAll()
        }
    }

    @Test func `attempts are apart by the clock, and cancelling ends the wait`() async throws {
        let (clock, calls) = (TestClock(), Notes<AppendID?>())
        let store = contested(Array(repeating: .closed, count: 99), base: InMemoryEventStore(), calls: calls)
        let retry = ConflictRetry(maximumAttempts: 99, firstDelay: .seconds(3600), maximumDelay: .seconds(36_000))
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CancellationError.self) {
                    try await store.execute(
                        .hold("b1", until: .distantFuture), by: Seat(), on: "A1", retry: retry, clock: clock)
                }
            }
            await clock.waitForSleepers()
            #expect(calls.all.count == 1)
            clock.advance(by: .seconds(3600))
            await clock.waitForSleepers()
            #expect(calls.all.count == 2)
            group.cancelAll()
        }
    }

    @Test func `waits grow by doubling up to the longest, and are spread at random`() {
        let retry = ConflictRetry(firstDelay: .milliseconds(2), maximumDelay: .milliseconds(50))
        let longest = (1...8).map { retry.delay(after: $0, fraction: 1) / .milliseconds(1) }
        #expect(longest == [2, 4, 8, 16, 32, 50, 50, 50])
        #expect(retry.delay(after: 4, fraction: 0.25) == .milliseconds(4))
        #expect(retry.delay(after: 3, fraction: 0) == .zero)
        #expect(retry.delay(after: .max, fraction: 1) == .milliseconds(50))
    }

    @Test func `state is folded over many pages and through upcasts`() async throws {
        let store = InMemoryEventStore()
        for _ in 0..<3 {
            let old = try (0..<500).map { try NewEvent(type: "seat.held", json: #"{"booking":"b\#($0)"}"#) }
            try await store.append(old, to: "seat-A1", expecting: .any)
        }
        let loaded = try await store.load(Seat(), on: "A1")
        #expect(loaded == Folded(stream: "seat-A1", state: .init(holder: "b499"), version: 1499, position: 1500))
        let empty = try await store.load(Seat(), on: "B1")
        #expect(empty == Folded(stream: "seat-B1", state: .init(holder: nil), version: nil, position: nil))
    }

    @Test func `an id that makes no name is refused`() async throws {
        let error = await #expect(throws: EventStoreError.self) {
            try await InMemoryEventStore().execute(.release("b1"), by: Seat(), on: "")
        }
        #expect(error?.code == .invalidArgument)
    }
}
