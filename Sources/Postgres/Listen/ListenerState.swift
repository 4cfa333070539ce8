/// Which channels are listened to, on a connection that is opened when somebody listens and again when it was lost. Events
/// in, actions out; no I/O.
///
///      off ── first subscriber ──▶ opening ── open ──▶ subscribing ── done ──▶ listening
///       ▲                            │  ▲                  │                      │
///       └── last subscriber left     ▼  └── pause over     └──── connection ──────┘
///                                  pausing ◀──────────────────── lost
struct ListenerState<Subscriber: AnyObject> {
    typealias Instant = ContinuousClock.Instant

    enum Phase: Equatable {
        case off
        case opening
        case pausing(until: Instant)
        /// The server is being told of all the channels.
        case subscribing
        case listening
    }

    /// What the shell has to do.
    enum Action {
        case open
        case close
        /// Listen on these channels, all at once; then call `subscribed`.
        case listen([String])
        case unlisten([String])
        /// Tell them that the server listens from now on.
        case resubscribed([Subscriber])
    }

    private struct Member {
        let subscriber: Subscriber
        let channels: Set<String>
        var isToldOf = false
    }

    private let backoff: Backoff
    private(set) var phase = Phase.off
    private var members: [Member] = []
    /// What the server was told to listen on.
    private var listened: Set<String> = []
    private var failures = 0

    init(backoff: Backoff) {
        self.backoff = backoff
    }

    var hasSubscribers: Bool { !members.isEmpty }

    /// Who wants to hear of a channel.
    func subscribers(of channel: String) -> [Subscriber] {
        members.filter { $0.isToldOf && $0.channels.contains(channel) }.map(\.subscriber)
    }

    mutating func subscribe(_ subscriber: Subscriber, to channels: Set<String>) -> [Action] {
        members.append(Member(subscriber: subscriber, channels: channels))
        switch phase {
        case .off:
            phase = .opening
            return [.open]
        case .listening:
            return listenOn(channels.subtracting(listened))
        case .opening, .pausing, .subscribing:
            return []
        }
    }

    mutating func unsubscribe(_ subscriber: Subscriber) -> [Action] {
        members.removeAll { $0.subscriber === subscriber }
        guard members.isEmpty else {
            let unwanted = listened.subtracting(members.flatMap(\.channels))
            guard phase == .listening, !unwanted.isEmpty else { return [] }
            listened.subtract(unwanted)
            return [.unlisten(unwanted.sorted())]
        }
        switch phase {
        case .off: return []
        case .opening: return []
        case .pausing:
            phase = .off
            return []
        case .subscribing, .listening:
            phase = .off
            listened = []
            return [.close]
        }
    }

    mutating func opened() -> [Action] {
        guard phase == .opening else { return [.close] }
        guard hasSubscribers else {
            phase = .off
            return [.close]
        }
        return listenOn(Set(members.flatMap(\.channels)))
    }

    private mutating func listenOn(_ channels: Set<String>) -> [Action] {
        listened.formUnion(channels)
        guard !channels.isEmpty else { return tellNewcomers() }
        phase = .subscribing
        return [.listen(channels.sorted())]
    }

    /// The server listens on what it was told.
    mutating func subscribed() -> [Action] {
        guard phase == .subscribing else { return [] }
        failures = 0
        // Whoever came in the meantime may want more.
        let missing = Set(members.flatMap(\.channels)).subtracting(listened)
        if !missing.isEmpty { return listenOn(missing) }
        return tellNewcomers()
    }

    private mutating func tellNewcomers() -> [Action] {
        phase = .listening
        let newcomers = members.filter { !$0.isToldOf }.map(\.subscriber)
        for index in members.indices { members[index].isToldOf = true }
        return newcomers.isEmpty ? [] : [.resubscribed(newcomers)]
    }

    /// The connection was lost, or could not be opened.
    mutating func lost(random: Double, now: Instant) {
        listened = []
        for index in members.indices { members[index].isToldOf = false }
        guard hasSubscribers else {
            phase = .off
            return
        }
        failures += 1
        phase = .pausing(until: now + backoff.pause(beforeAttempt: failures, random: random))
    }

    /// When `tick` has to be called.
    var nextWake: Instant? {
        if case .pausing(let until) = phase { until } else { nil }
    }

    mutating func tick(now: Instant) -> [Action] {
        guard case .pausing(let until) = phase, until <= now else { return [] }
        phase = .opening
        return [.open]
    }
}
