/// Whether a relay may send to its sink: a pure state machine, shared by all lanes of a relay.
///
/// ```
///            the sink throws, or many keys in a row have an unknown outcome
///   closed ────────────────────────────────────────────────────────────────▶ open(until)
///     ▲                                                                         │ the time has come
///     │  an answer (acknowledged or refused)                                    ▼
///     └────────────────────────────────────────────────────────────────── probing (one call)
///                                                       no answer ──▶ open, for longer
/// ```
///
/// While it is open nothing is sent and nothing counts against any message.
struct CircuitState: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Phase: Sendable, Hashable {
        case closed
        case open(until: Instant)
        case probing
    }

    let backoff: RelayBackoff
    /// How many keys in a row must have an unknown outcome before the sink itself is suspected. One that always makes the
    /// sink fail must not stop the others.
    let suspicious: Int
    private(set) var phase = Phase.closed
    private(set) var failures = 0
    private var unknownInARow: Set<OrderKey> = []

    init(backoff: RelayBackoff, suspicious: Int) {
        self.backoff = backoff
        self.suspicious = suspicious
    }

    /// Nil if a call may be made now (the caller must make it); otherwise when to ask again at the latest.
    mutating func admit(now: Instant, patience: Duration) -> Instant? {
        switch phase {
        case .closed: return nil
        case .open(let until) where until <= now:
            phase = .probing
            return nil
        case .open(let until): return until
        case .probing: return now + patience
        }
    }

    /// The sink has answered a call.
    ///
    /// - Returns: whether unknown outcomes in it count against their keys: not if the sink itself is suspected.
    mutating func answered(acknowledged: Int, refused: Int, unknown: [OrderKey], now: Instant, random: Double) -> Bool {
        if acknowledged + refused > 0 {
            phase = .closed
            failures = 0
            unknownInARow = Set(unknown)
            return true
        }
        unknownInARow.formUnion(unknown)
        let isSuspected = unknownInARow.count >= suspicious
        if isSuspected || phase == .probing { failed(now: now, random: random) }
        // Few keys without an answer may be at fault themselves, even where they happen to be what the sink is probed with:
        // if that did not count, such a key would keep its lane from ever going on.
        return !isSuspected
    }

    /// The sink could not be reached. Calls that were in flight together count once.
    mutating func failed(now: Instant, random: Double) {
        if case .open(let until) = phase, until > now { return }
        failures += 1
        unknownInARow = []
        phase = .open(until: now + backoff.delay(attempt: failures, random: random))
    }

    /// The probe was not made after all, or was given up.
    mutating func probeGivenUp(now: Instant) {
        if phase == .probing { phase = .open(until: now) }
    }
}
