/// What one process knows about its leases on the units of one kind: a pure state machine, driven by `LeaseKeeper`.
///
/// ```
///              acquired                    surplus, shutdown                 finished
///   (nothing) ──────────▶ working ─────────────────────────────▶ stopping ───────────▶ (to release)
///                            │    finished (the work ended by itself)    │                  ▲
///                            ├───────────────────────────────────────────┼──────────────────┘
///                            └──────── taken, ended ──▶ (nothing) ◀──────┘
/// ```
///
/// A lease counts as valid until `margin` before `sent + duration`, where `sent` is when the acquisition or renewal was
/// *sent*: the database began to count later than that, so the owner stops first. An answer that comes after its own
/// lease has ended makes nothing valid again; such a lease is given back.
struct LeaseState: Sendable {
    typealias Instant = ContinuousClock.Instant

    struct Key: Hashable, Sendable {
        let unit: String
        let epoch: Epoch
    }

    struct Holding: Sendable {
        var epoch: Epoch
        var validUntil: Instant
        var isStopping = false
    }

    enum Loss: Sendable, Hashable {
        /// The database says that the unit has another epoch.
        case taken
        /// No renewal was confirmed in time.
        case ended
    }

    enum Action: Sendable, Hashable {
        case gained(Key, validUntil: Instant)
        case renewed(Key, validUntil: Instant)
        case stop(Key)
        case lost(Key, Loss)
    }

    let units: [String]
    let duration: Duration
    let margin: Duration
    private(set) var held: [String: Holding] = [:]
    private(set) var toRelease: Set<Key> = []
    private(set) var isShuttingDown = false

    init(units: [String], duration: Duration, margin: Duration) {
        self.units = units
        self.duration = duration
        self.margin = margin
    }

    /// The lease on a unit, if it is valid now.
    func epoch(of unit: String, now: Instant) -> Epoch? {
        guard let holding = held[unit], now < holding.validUntil else { return nil }
        return holding.epoch
    }

    /// What the next renewal asks for.
    var toRenew: [Key] {
        held.map { Key(unit: $0.key, epoch: $0.value.epoch) }.sorted { $0.unit < $1.unit }
    }

    /// Nothing is held and nothing is left to give back.
    var isEmpty: Bool {
        held.isEmpty && toRelease.isEmpty
    }

    /// Drops the leases that have ended, whether or not the database can be asked.
    mutating func expire(now: Instant) -> [Action] {
        let ended = toRenew.filter { held[$0.unit].map { $0.validUntil <= now } ?? false }
        return ended.map { lose($0, .ended) }
    }

    /// The answer to a renewal of `asked`, sent at `sent`: `confirmed` are still ours, the others are lost.
    mutating func renewed(asked: [Key], confirmed: Set<Key>, sent: Instant) -> [Action] {
        asked.compactMap { key in
            guard held[key.unit]?.epoch == key.epoch else {
                // Lost meanwhile by the clock, or finished: the renewal made it last longer, for nobody.
                if confirmed.contains(key) { toRelease.insert(key) }
                return nil
            }
            guard confirmed.contains(key) else { return lose(key, .taken) }
            let validUntil = sent + duration - margin
            held[key.unit]?.validUntil = validUntil
            return .renewed(key, validUntil: validUntil)
        }
    }

    /// How many units more this owner should take, given how many owners there are and its place among them; and which of
    /// its own it should hand on.
    mutating func share(members: Int, place: Int) -> (acquire: Int, actions: [Action]) {
        guard !isShuttingDown else { return (0, []) }
        let members = max(members, 1)
        let share = units.count / members + (place < units.count % members ? 1 : 0)
        let working = toRenew.filter { held[$0.unit]?.isStopping == false }
        let surplus = working.suffix(max(working.count - share, 0))
        return (max(share - held.count, 0), surplus.map { stop($0) })
    }

    /// The answer to an acquisition that was sent at `sent`.
    mutating func acquired(_ keys: [Key], sent: Instant, now: Instant) -> [Action] {
        let validUntil = sent + duration - margin
        return keys.compactMap { key in
            guard now < validUntil, !isShuttingDown, held[key.unit] == nil else {
                toRelease.insert(key)
                return nil
            }
            held[key.unit] = Holding(epoch: key.epoch, validUntil: validUntil)
            return .gained(key, validUntil: validUntil)
        }
    }

    /// The work under a lease has ended; nothing more will be written under it.
    mutating func finished(_ key: Key) {
        guard held[key.unit]?.epoch == key.epoch else { return }
        held[key.unit] = nil
        toRelease.insert(key)
    }

    /// The database has been told that these are free.
    mutating func released(_ keys: some Sequence<Key>) {
        toRelease.subtract(keys)
    }

    /// The database could not be told. When all work has ended because of a shutdown, the leases are left to end.
    mutating func giveUpReleasing() {
        if isShuttingDown, held.isEmpty { toRelease = [] }
    }

    /// Takes nothing more and asks all work to end.
    mutating func shutDown() -> [Action] {
        isShuttingDown = true
        return toRenew.filter { held[$0.unit]?.isStopping == false }.map { stop($0) }
    }

    private mutating func stop(_ key: Key) -> Action {
        held[key.unit]?.isStopping = true
        return .stop(key)
    }

    private mutating func lose(_ key: Key, _ loss: Loss) -> Action {
        held[key.unit] = nil
        return .lost(key, loss)
    }
}
