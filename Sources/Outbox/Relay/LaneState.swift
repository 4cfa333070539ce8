/// What a relay does with one lane: a pure state machine, driven by `LaneWorker`.
///
/// The lane is read on while the hand has room; what was decided on keys is written before. The messages in hand are kept per
/// key, in order; only the first one of a key may be in flight. Of each key's first message
///
/// ```
///   waiting ──(given to the sink)──▶ in flight ──acknowledged──▶ gone; the key's next message waits
///      ▲                                │ ├──────refused───────▶ the key is blocked (or, after many attempts, parked)
///      │                                │ └──────unknown────────▶ sent again shortly; after a few times, or if the
///      │                                │                         key was blocked before: blocked
///      └───────── the sink threw ◀──────┘                         (nothing counted)
/// ```
/// One that could not be decoded parks its key when its turn comes.
///
/// A blocked key leaves the hand with a verdict, which is written together with the cursor. The cursor may go up to the first
/// message in hand, or to the end of what was read when there is none: everything before it is acknowledged or blocked.
///
/// A call of the sink returns when it has the last answer, so a key whose message hangs holds up those that are sent with it.
/// Keys of which that is to be feared, because they had an unknown outcome or were blocked, are *suspect*: they are sent in
/// calls of their own.
struct LaneState: Sendable {
    typealias Instant = ContinuousClock.Instant

    struct Limits: Sendable, Hashable {
        /// Refusals of one message after which its key is parked.
        var attempts: Int
        /// How long a key waits after a refusal.
        var refusalBackoff: RelayBackoff
        /// Unknown outcomes of one message after which its key is blocked, so that the lane goes on without it. A key that
        /// was blocked is blocked again after one.
        var unknownInHand: Int
        /// How long a message waits after an unknown outcome.
        var unknownBackoff: RelayBackoff
        /// The most messages in hand, those of blocked keys not counted. Half of it is for keys that nothing is wrong with.
        var inHand = Int.max
    }

    /// Whether suspect keys are sent, and in which order.
    enum Suspects: Sendable, Hashable {
        case first
        case last
        case no
    }

    /// The messages of one key that are in hand.
    private struct Run: Sendable {
        var messages: ArraySlice<ReadMessage>
        /// What has become of the first message.
        var counts = Counts()
        var notBefore: Instant?
        var isInFlight = false
        /// Whether the key stands in the blocked set: then it is to be freed, or its progress written.
        let isBlocked: Bool

        var isSuspect: Bool { isBlocked || counts.unknowns > 0 }
    }

    /// What has become of a message so far.
    struct Counts: Sendable, Hashable {
        /// Refusals.
        var attempts = 0
        /// Unknown outcomes in a row.
        var unknowns = 0
    }

    let limits: Limits
    /// Where the stored cursor stands.
    private(set) var cursor: Int64
    /// How far the lane was read.
    private(set) var readTo: Int64
    private var runs: [OrderKey: Run] = [:]
    private var order: [OrderKey] = []
    private var verdicts: [OrderKey: Verdict] = [:]
    private(set) var inFlight = 0
    /// Whether something was achieved that is not written yet; not counting that the lane was merely read further.
    private(set) var hasNews = false

    /// Whether the last progress that was written freed keys: one that has more messages is due again at once.
    private(set) var hasFreed = false

    init(cursor: Int64, limits: Limits) {
        self.cursor = cursor
        readTo = cursor
        self.limits = limits
    }

    /// Nothing is in hand.
    var isIdle: Bool { runs.isEmpty }

    /// How many messages have room in the hand.
    var room: Int {
        max(limits.inHand - runs.values.reduce(0) { $0 + ($1.isBlocked ? 0 : $1.messages.count) }, 0)
    }

    /// Whether it is worth reading on: the hand is at most half full.
    var hasRoom: Bool { room > 0 && room >= limits.inHand / 2 }

    /// Whether it stands in no table yet what is to become of a key. Then the lane must not be read on: what follows the
    /// message that was not taken would be read, and would pass it.
    var hasVerdicts: Bool { !verdicts.isEmpty }

    /// Takes what was read of the lane, up to `mark`.
    mutating func read(_ messages: [ReadMessage], mark: Int64) {
        readTo = max(readTo, mark)
        take(messages, counts: [:], isBlocked: false)
    }

    /// Takes the messages of blocked keys that are due, with what has become of their first messages. Keys in hand are left
    /// out: they are due for as long as nothing is written of them.
    mutating func retry(_ messages: [ReadMessage], counts: [OrderKey: Counts]) {
        hasFreed = false
        let inHand = Set(runs.keys)
        take(messages.filter { !inHand.contains($0.orderKey) }, counts: counts, isBlocked: true)
    }

    private mutating func take(_ messages: [ReadMessage], counts: [OrderKey: Counts], isBlocked: Bool) {
        for message in messages {
            let key = message.orderKey
            if runs[key] == nil {
                runs[key] = Run(messages: [], counts: counts[key] ?? Counts(), isBlocked: isBlocked)
                order.append(key)
            }
            runs[key]?.messages.append(message)
        }
        for key in Set(messages.map(\.orderKey)) { parkIfUnreadable(key) }
        dropEmptyRuns()
    }

    /// The first message of a key that cannot be decoded waits for an operator, and the key with it.
    private mutating func parkIfUnreadable(_ key: OrderKey) {
        guard let run = runs[key], let first = run.messages.first, case .unreadable(let reason) = first.content else {
            return
        }
        verdicts[key] = .park(Verdict.Block(version: first.keyVersion, attempts: run.counts.attempts, reason: reason))
        runs[key]?.messages = []
        hasNews = true
    }

    /// The next messages to send, each of another key, in the order of their keys' first appearance: either all of suspect
    /// keys or none.
    mutating func next(atMost count: Int, now: Instant, suspects: Suspects = .last) -> [OutboundMessage] {
        let turns =
            switch suspects {
            case .first: [true, false]
            case .last: [false, true]
            case .no: [false]
            }
        for isSuspect in turns {
            let batch = next(atMost: count, now: now, areSuspect: isSuspect)
            if !batch.isEmpty { return batch }
        }
        return []
    }

    private mutating func next(atMost count: Int, now: Instant, areSuspect: Bool) -> [OutboundMessage] {
        var batch: [OutboundMessage] = []
        for key in order where batch.count < count {
            guard let run = runs[key], run.isSuspect == areSuspect, !run.isInFlight,
                run.notBefore.map({ $0 <= now }) ?? true,
                case .message(let message) = run.messages.first?.content
            else { continue }
            runs[key]?.isInFlight = true
            runs[key]?.notBefore = nil
            batch.append(message)
        }
        inFlight += batch.count
        return batch
    }

    /// Whether a message that is in hand is of a suspect key.
    func isSuspect(_ message: OutboundMessage) -> Bool { runs[message.orderKey]?.isSuspect ?? false }

    /// When it is worth looking again while nothing can be sent: while the sink is paused only when that is over, for the
    /// waits of single messages may be over long before.
    func nextTurn(pausedUntil pause: Instant?) -> Instant? { pause ?? nextSend }

    /// When the next message may be sent, if all that are in hand have to wait; nil if there is none to wait for.
    var nextSend: Instant? {
        runs.values.filter { !$0.isInFlight }.compactMap(\.notBefore).min()
    }

    /// The sink has answered for these messages; `counts` says whether unknown outcomes count against the keys.
    mutating func answered(
        _ answers: [(message: OutboundMessage, result: PublishResult)], counts: Bool, now: Instant, random: Double
    ) {
        for (message, result) in answers {
            land(message)
            if case .unknown = result {} else { hasNews = true }
            switch result {
            case .acknowledged: acknowledged(message)
            case .refused(let reason): refused(message, reason: reason, random: random)
            case .unknown(let reason): unknown(message, reason: reason, counts: counts, now: now, random: random)
            }
        }
        dropEmptyRuns()
    }

    /// The sink could not be reached: these messages are sent again when it can be.
    mutating func failed(_ messages: [OutboundMessage]) {
        for message in messages { land(message) }
    }

    private mutating func land(_ message: OutboundMessage) {
        runs[message.orderKey]?.isInFlight = false
        inFlight -= 1
    }

    private mutating func acknowledged(_ message: OutboundMessage) {
        let key = message.orderKey
        runs[key]?.messages.removeFirst()
        runs[key]?.counts = Counts()
        runs[key]?.notBefore = nil
        if let run = runs[key], run.isBlocked {
            // Written even if it is not the last: what was acknowledged is not sent again after a crash.
            verdicts[key] = .free(from: message.keyVersion + 1)
        }
        parkIfUnreadable(key)
    }

    private mutating func refused(_ message: OutboundMessage, reason: String, random: Double) {
        let key = message.orderKey
        let attempts = (runs[key]?.counts.attempts ?? 0) + 1
        let block = Verdict.Block(version: message.keyVersion, attempts: attempts, reason: reason)
        verdicts[key] =
            attempts >= limits.attempts
            ? .park(block) : .retry(block, after: limits.refusalBackoff.delay(attempt: attempts, random: random))
        runs[key]?.messages = []
    }

    private mutating func unknown(
        _ message: OutboundMessage, reason: String, counts: Bool, now: Instant, random: Double
    ) {
        let key = message.orderKey
        guard counts, let run = runs[key] else { return }
        let unknowns = run.counts.unknowns + 1
        let delay = limits.unknownBackoff.delay(attempt: unknowns, random: random)
        // A message that hangs occupies a call, and its key's place in the hand: a key that is known to, or that takes the
        // place of others, is blocked, and does so once in a while only.
        let suspects = runs.values.reduce(0) { $0 + (!$1.isBlocked && $1.isSuspect ? $1.messages.count : 0) }
        let waiting = suspects + (run.isSuspect ? 0 : run.messages.count)
        if !run.isBlocked, unknowns < limits.unknownInHand, waiting <= max(limits.inHand / 2, 1) {
            runs[key]?.counts.unknowns = unknowns
            runs[key]?.notBefore = now + delay
        } else {
            let block = Verdict.Block(
                version: message.keyVersion, attempts: run.counts.attempts, unknowns: unknowns, reason: reason)
            verdicts[key] = .retry(block, after: delay)
            runs[key]?.messages = []
            hasNews = true
        }
    }

    private mutating func dropEmptyRuns() {
        order.removeAll { key in
            guard runs[key]?.messages.isEmpty ?? true else { return false }
            runs[key] = nil
            return true
        }
    }

    /// What is to be written now, or nil if nothing has changed. Right at any time: also in the middle of a batch.
    func progress() -> Progress? {
        let firstInHand = runs.values.filter { !$0.isBlocked }.compactMap(\.messages.first?.position).min()
        let position = max(firstInHand.map { $0 - 1 } ?? readTo, cursor)
        guard position > cursor || !verdicts.isEmpty else { return nil }
        return Progress(position: position, readTo: readTo, verdicts: verdicts)
    }

    /// The progress is durable.
    mutating func written(_ progress: Progress) {
        cursor = progress.position
        hasNews = false
        hasFreed = progress.verdicts.values.contains { if case .free = $0 { true } else { false } }
        for (key, verdict) in progress.verdicts where verdicts[key] == verdict { verdicts[key] = nil }
    }
}

extension LaneState {
    /// What is to become of a key.
    enum Verdict: Sendable, Hashable {
        struct Block: Sendable, Hashable {
            let version: Int64
            let attempts: Int
            var unknowns = 0
            let reason: String
        }
        /// Everything before this version is acknowledged.
        case free(from: Int64)
        case retry(Block, after: Duration)
        case park(Block)
    }

    /// A cursor and verdicts that are to be written in one transaction.
    struct Progress: Sendable, Hashable {
        let position: Int64
        let readTo: Int64
        let verdicts: [OrderKey: Verdict]
    }
}
