import Synchronization

/// The right to work on one unit, for as long as it is valid.
///
/// Validity is measured on this machine's monotonic clock from when the last renewal was sent, and ends before the
/// database would give the unit to another. It is advice: it keeps an owner from useless work. What keeps a former owner
/// from writing is the epoch, passed to `lease_guard` in the transaction of every write.
public final class Lease: Sendable {
    /// The unit of work.
    public let unit: String

    /// The epoch to guard every write with.
    public let epoch: Epoch

    /// When this process got it.
    let gainedAt = ContinuousClock.now

    private struct State: Sendable {
        var validUntil: ContinuousClock.Instant
        var isStopping = false
    }

    private let state: Mutex<State>
    private let bell = Doorbell()
    private let onStop: Mutex<[@Sendable () -> Void]> = Mutex([])

    init(key: LeaseState.Key, validUntil: ContinuousClock.Instant) {
        unit = key.unit
        epoch = key.epoch
        state = Mutex(State(validUntil: validUntil))
    }

    /// Whether the lease may still be relied on. Once false it stays false.
    public var isValid: Bool {
        ContinuousClock.now < validUntil
    }

    /// How long the lease may still be relied on if it is not renewed; zero once it is not valid.
    public var remaining: Duration {
        max(validUntil - .now, .zero)
    }

    /// Whether the work is asked to come to an end: the process is shutting down, or another owner is due its share.
    ///
    /// Finish what is in flight, start nothing more and return; the lease is then handed on at once.
    public var isStopping: Bool {
        state.withLock { $0.isStopping }
    }

    /// Calls `action` once when the work is asked to stop or the lease is lost; at once if that has happened already.
    public func whenStopping(_ action: @escaping @Sendable () -> Void) {
        // The order matters: registered first, then looked at, so that a stop in between is not missed.
        onStop.withLock { $0.append(action) }
        if isStopping { callStopActions() }
    }

    var key: LeaseState.Key {
        LeaseState.Key(unit: unit, epoch: epoch)
    }

    var validUntil: ContinuousClock.Instant {
        state.withLock { $0.validUntil }
    }

    func renew(until instant: ContinuousClock.Instant) {
        state.withLock { state in
            // Who has stopped believing in the lease must not begin again.
            guard ContinuousClock.now < state.validUntil else { return }
            state.validUntil = max(state.validUntil, instant)
        }
        bell.ring()
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        callStopActions()
    }

    func lose() {
        state.withLock {
            $0.validUntil = min($0.validUntil, ContinuousClock.now)
            $0.isStopping = true
        }
        callStopActions()
        bell.ring()
    }

    /// Returns when the lease is no longer valid, or when the task is cancelled. It needs nobody to tell it.
    func untilLost() async {
        while !Task.isCancelled, isValid {
            await bell.wait(until: validUntil)
        }
    }

    private func callStopActions() {
        let actions = onStop.withLock { actions in
            defer { actions = [] }
            return actions
        }
        for action in actions { action() }
    }
}
