import Synchronization

/// A clock that stands still until a test moves it.
///
/// Hand it to what takes a `Clock`, wait until that sleeps, and advance:
///
/// ```swift
/// let clock = TestClock()
/// async let result = store.execute(command, by: Seat(), on: "A1", clock: clock)
/// await clock.waitForSleepers()
/// clock.advance(by: .milliseconds(250))
/// ```
public final class TestClock: Clock {
    private let state = Mutex(State())

    /// Makes a clock that stands at zero.
    public init() {}

    /// The time that was reached by advancing.
    public var now: Instant { state.withLock(\.now) }

    /// The smallest step, one nanosecond.
    public var minimumResolution: Duration { .nanoseconds(1) }

    /// Suspends until the clock was advanced to the deadline.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let ticket = state.withLock { $0.drawTicket() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (outcome, watchers) = state.withLock {
                    $0.sleep(Sleeper(deadline: deadline, ticket: ticket, continuation: continuation))
                }
                for watcher in watchers { watcher.resume() }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            state.withLock { $0.takeSleeper(ticket) }?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the clock and wakes everybody whose deadline has come, the earliest first.
    public func advance(by duration: Duration) {
        let due = state.withLock { $0.advance(by: duration) }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Suspends until at least so many tasks sleep by this clock.
    public func waitForSleepers(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { $0.watch(count, continuation) }
            if isThere { continuation.resume() }
        }
    }

    /// A point in time of this clock.
    public struct Instant: InstantProtocol {
        /// The time since the clock was made.
        public let offset: Duration

        /// Gives the point in time that lies so long after the clock was made.
        public init(offset: Duration) { self.offset = offset }

        /// Gives the point in time that lies later by the duration.
        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }

        /// Gives the time from this point to another.
        public func duration(to other: Instant) -> Duration { other.offset - offset }

        /// Orders points in time.
        public static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }
}

private struct Sleeper {
    let deadline: TestClock.Instant
    let ticket: UInt64
    let continuation: CheckedContinuation<Void, any Error>
}

private struct State {
    var now = TestClock.Instant(offset: .zero)
    private var sleepers: [Sleeper] = []
    private var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    private var tickets: UInt64 = 0

    mutating func drawTicket() -> UInt64 {
        tickets += 1
        return tickets
    }

    /// Puts a sleeper to bed; or gives the outcome if it need not sleep. And who waited for it to sleep.
    mutating func sleep(
        _ sleeper: Sleeper
    ) -> (outcome: Result<Void, any Error>?, watchers: [CheckedContinuation<Void, Never>]) {
        // The cancellation handler may have run before the sleeper is here to be found.
        if Task.isCancelled { return (.failure(CancellationError()), []) }
        if sleeper.deadline <= now { return (.success(()), []) }
        sleepers.append(sleeper)
        let content = watchers.filter { $0.count <= sleepers.count }
        watchers.removeAll { $0.count <= sleepers.count }
        return (nil, content.map(\.continuation))
    }

    mutating func takeSleeper(_ ticket: UInt64) -> Sleeper? {
        sleepers.firstIndex { $0.ticket == ticket }.map { sleepers.remove(at: $0) }
    }

    mutating func advance(by duration: Duration) -> [Sleeper] {
        now = now.advanced(by: duration)
        let due = sleepers.filter { $0.deadline <= now }
        sleepers.removeAll { $0.deadline <= now }
        return due.sorted { ($0.deadline, $0.ticket) < ($1.deadline, $1.ticket) }
    }

    mutating func watch(_ count: Int, _ continuation: CheckedContinuation<Void, Never>) -> Bool {
        if sleepers.count >= count { return true }
        watchers.append((count, continuation))
        return false
    }
}
