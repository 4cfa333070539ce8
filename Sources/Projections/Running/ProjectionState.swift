import EventSourcing

/// What the runner of one projection does next: a pure state machine, driven by `ProjectionRunner`.
///
/// ```
///             loaded            read (events)                 applied
///   loading ─────────▶ reading ──────────────▶ applying ──────────────▶ applying, or reading when none is left
///      ▲                  │ ▲ read (none)         │
///      │                  ▼ │ woken               │ failed, one event's fault: half the batch, and half of that …
///      │               waiting                    │ … until the event is alone
///      │                                          ▼
///      └── failed otherwise, after a pause ──  stopped ── reported, and a long pause ──▶ given back
/// ```
///
/// Halving finds the one event that cannot be applied in a few attempts, with everything before it applied. From there
/// nothing is skipped: the projection stands still, visibly, until the event can be applied.
struct ProjectionState: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Action: Hashable, Sendable {
        /// Read the checkpoint.
        case load
        /// Read a page of the log.
        case read(after: LogCursor, limit: Int)
        /// Apply these events, in one transaction that also raises the checkpoint from `after`.
        case apply(ArraySlice<RecordedEvent>, after: LogCursor)
        /// There is nothing to read: wait for an event.
        case waitForEvents(after: LogCursor)
        /// Wait until then.
        case pause(until: Instant)
        /// Make it visible that the projection has stopped.
        case report(Stop)
        /// Give the lease back, so that whoever takes it tries again: maybe a newer program.
        case giveBack
    }

    /// An event that cannot be applied.
    struct Stop: Hashable, Sendable {
        let position: GlobalPosition
        let type: String
        let reason: String
    }

    enum Failure: Hashable, Sendable {
        /// The cause may pass, and what happened may not be known.
        case transient
        /// The work took too long: less of it at a time.
        case timedOut
        /// The checkpoint or the log is not where it was.
        case outOfStep
        /// The events themselves cannot be applied, and nothing of them was.
        case refused(reason: String)
    }

    struct Limits: Sendable {
        /// Events per batch.
        var events = 500
        /// Bytes of data and metadata per batch; a single larger event still goes, alone.
        var bytes = 4 << 20
        var firstPause: Duration = .milliseconds(50)
        var longestPause: Duration = .seconds(10)
        var stoppedPause: Duration = .seconds(60)
        /// Failures in a row after which an event that takes too long stops the projection.
        var timeOuts = 5
    }

    private let limits: Limits
    private var cursor: LogCursor?
    private var pending: ArraySlice<RecordedEvent> = []
    private var isCaughtUp = false
    /// How many events the next batch may have, and up to where it is fewer than usual.
    private var batchLimit: Int
    private var cautiousUpTo: GlobalPosition?
    private var failures = 0
    private var pausedUntil: Instant?
    private(set) var stop: Stop?
    private var isReported = false

    init(limits: Limits) {
        self.limits = limits
        batchLimit = limits.events
    }

    /// What to do now.
    func next(now: Instant) -> Action {
        if let pausedUntil, now < pausedUntil { return .pause(until: pausedUntil) }
        if let stop { return isReported ? .giveBack : .report(stop) }
        guard let cursor else { return .load }
        if !pending.isEmpty { return .apply(batch, after: cursor) }
        return isCaughtUp ? .waitForEvents(after: cursor) : .read(after: cursor, limit: limits.events)
    }

    private var batch: ArraySlice<RecordedEvent> {
        var bytes = 0
        let end = pending.prefix(batchLimit).firstIndex { event in
            bytes += event.data.count + event.metadataJSON.count
            return bytes > limits.bytes
        }
        guard let end else { return pending.prefix(batchLimit) }
        return pending[..<max(end, pending.startIndex + 1)]
    }

    /// The checkpoint stands there.
    mutating func loaded(_ cursor: LogCursor) {
        self.cursor = cursor
        pending = []
        isCaughtUp = false
    }

    /// The answer to `.read`.
    mutating func read(_ page: LogPage) {
        pending = page.events[...]
        isCaughtUp = page.events.isEmpty
    }

    /// The wait for events has ended.
    mutating func woken() {
        isCaughtUp = false
    }

    /// The first `count` events in hand have been applied, and the checkpoint stands behind them.
    mutating func applied(_ count: Int) {
        guard let last = pending.prefix(count).last else { return }
        pending = pending.dropFirst(count)
        cursor = last.cursor
        failures = 0
        if let end = cautiousUpTo, last.position >= end {
            cautiousUpTo = nil
            batchLimit = limits.events
        }
    }

    /// Something failed; `count` is how many events the batch had, 0 if it was not a batch. `random` is from 0 to 1.
    mutating func failed(_ failure: Failure, count: Int, now: Instant, random: Double) {
        if case .refused(let reason) = failure {
            refused(count, reason)
            return
        }
        failures += 1
        if failure == .timedOut {
            if count > 1 {
                beCautious(count)
            } else if count == 1, failures >= limits.timeOuts {
                refused(1, "applying it took too long, \(failures) times")
                return
            }
        }
        let ceiling = min(limits.firstPause * (1 << min(failures - 1, 20)), limits.longestPause)
        pausedUntil = now + ceiling * (0.5 + 0.5 * random)
        cursor = nil  // it is not known how far the checkpoint has come
        pending = []
        isCaughtUp = false
    }

    /// The stop stands in the database.
    mutating func reported(now: Instant) {
        isReported = true
        pausedUntil = now + limits.stoppedPause
    }

    private mutating func refused(_ count: Int, _ reason: String) {
        if count > 1 {
            beCautious(count)
        } else if let event = pending.first {
            stop = Stop(position: event.position, type: event.type, reason: reason)
        }
    }

    private mutating func beCautious(_ count: Int) {
        if let last = pending.prefix(count).last { cautiousUpTo = max(cautiousUpTo ?? last.position, last.position) }
        batchLimit = max(1, count / 2)
    }
}
