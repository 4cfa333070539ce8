import EventSourcing
import Foundation
import Testing

@testable import Projections

/// The runner's state machine, without a database.
@Suite struct ProjectionStateTests {
    private let now = ContinuousClock.now

    private func event(_ position: Int64, bytes: Int = 10) -> RecordedEvent {
        RecordedEvent(
            position: GlobalPosition(position), stream: "seat-1", version: StreamVersion(position), type: "seat.held",
            data: Array(repeating: 0, count: bytes), metadataJSON: [], tags: [], id: EventID(), recordedAt: Date())
    }

    private func cursor(_ position: Int64) -> LogCursor {
        LogCursor(generation: 1, position: GlobalPosition(position))
    }

    /// A state that has read these events after position 0.
    private func state(_ events: [RecordedEvent], limit: Int = 4, bytes: Int = 100) -> ProjectionState {
        var limits = ProjectionState.Limits()
        limits.events = limit
        limits.bytes = bytes
        var state = ProjectionState(limits: limits)
        state.loaded(cursor(0))
        state.read(LogPage(events: events, cursor: events.last?.cursor ?? cursor(0), isLast: true))
        return state
    }

    /// The positions of the batch that is to be applied; nil if something else is to be done.
    private func batch(_ state: ProjectionState) -> [Int64]? {
        guard case .apply(let events, _) = state.next(now: now) else { return nil }
        return events.map(\.position.rawValue)
    }

    @Test func `it reads its checkpoint, then the log, then waits`() {
        var state = ProjectionState(limits: .init())
        #expect(state.next(now: now) == .load)
        state.loaded(cursor(7))
        #expect(state.next(now: now) == .read(after: cursor(7), limit: 500))
        state.read(LogPage(events: [], cursor: cursor(7), isLast: true))
        #expect(state.next(now: now) == .waitForEvents(after: cursor(7)))
        state.woken()
        #expect(state.next(now: now) == .read(after: cursor(7), limit: 500))
    }

    @Test func `a batch is bounded by events and bytes, and one large event still goes alone`() {
        #expect(batch(state((1...9).map { event($0) })) == [1, 2, 3, 4])
        #expect(batch(state([event(1, bytes: 60), event(2, bytes: 40), event(3)])) == [1, 2])
        #expect(batch(state([event(1, bytes: 101), event(2)])) == [1])
    }

    @Test func `what is applied is not applied again, and each batch begins where the one before ended`() {
        var state = state((1...6).map { event($0) })
        state.applied(4)
        #expect(batch(state) == [5, 6])
        state.applied(1)
        #expect(batch(state) == [6])
        state.applied(1)
        #expect(state.next(now: now) == .read(after: cursor(6), limit: 4))
    }

    @Test func `PR5: halving finds the event that is refused, with everything before it applied`() {
        for poison in Int64(1)...8 {
            var state = state((1...8).map { event($0) }, limit: 8)
            var applied: [Int64] = []
            var attempts = 0
            while state.stop == nil, let next = batch(state) {
                attempts += 1
                if next.contains(poison) {
                    state.failed(.refused(reason: "no"), count: next.count, now: now, random: 0)
                } else {
                    applied += next
                    state.applied(next.count)
                }
            }
            #expect(applied == Array(1..<poison), "poison at \(poison)")
            #expect(state.stop?.position == GlobalPosition(poison))
            #expect(attempts <= 12)
            #expect(
                state.next(now: now)
                    == .report(.init(position: GlobalPosition(poison), type: "seat.held", reason: "no")))
            state.reported(now: now)
            #expect(state.next(now: now) == .pause(until: now + .seconds(60)))
            #expect(state.next(now: now + .seconds(60)) == .giveBack)
        }
    }

    @Test func `after a refusal that was not repeated, batches have their full size again behind it`() {
        var state = state((1...8).map { event($0) })
        state.failed(.refused(reason: "no"), count: 4, now: now, random: 0)
        #expect(batch(state) == [1, 2])
        state.applied(2)
        #expect(batch(state) == [3, 4])
        state.applied(2)
        #expect(batch(state) == [5, 6, 7, 8])
    }

    @Test func `after any other failure it pauses, longer each time, and reads its checkpoint again`() {
        for failure in [ProjectionState.Failure.transient, .outOfStep, .timedOut] {
            var state = state((1...4).map { event($0) })
            state.failed(failure, count: 4, now: now, random: 1)
            #expect(state.next(now: now) == .pause(until: now + .milliseconds(50)))
            #expect(state.next(now: now + .milliseconds(50)) == .load)
            state.failed(failure, count: 0, now: now, random: 1)
            #expect(state.next(now: now) == .pause(until: now + .milliseconds(100)))
            for _ in 0..<40 { state.failed(.transient, count: 0, now: now, random: 1) }
            #expect(state.next(now: now) == .pause(until: now + .seconds(10)))
            #expect(state.stop == nil)
        }
    }

    @Test func `an unknown outcome is settled by the checkpoint`() {
        var state = state((1...4).map { event($0) })
        state.failed(.transient, count: 4, now: now, random: 0)
        state.loaded(cursor(4))  // it had committed
        #expect(state.next(now: now + .seconds(1)) == .read(after: cursor(4), limit: 4))
    }

    @Test func `what takes too long is done in halves, and an event that takes too long alone stops it`() {
        var state = state((1...4).map { event($0) })
        var sizes: [Int] = []
        while state.stop == nil {
            let later = now + .seconds(60)
            switch state.next(now: later) {
            case .load: state.loaded(cursor(0))
            case .read:
                state.read(LogPage(events: (1...4).map { event($0) }, cursor: cursor(4), isLast: true))
            case .apply(let events, _):
                sizes.append(events.count)
                state.failed(.timedOut, count: events.count, now: now, random: 0)
            default:
                Issue.record("unexpected")
                return
            }
        }
        #expect(sizes == [4, 2, 1, 1, 1])
        #expect(state.stop?.position == 1)
    }
}
