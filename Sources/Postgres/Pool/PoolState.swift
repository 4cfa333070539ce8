import DequeModule

/// Which connections there are, who gets which, and who waits: events in, actions out. It knows no clock, draws no random
/// numbers of its own and does no I/O.
///
///     a connection:   opening ──▶ ready ⇄ leased (exclusive)
///                        │          │  ⇄ checking (idle for long)
///                     failed        └──▶ closing (too old, idle for too long, shut down)
///                        ▼
///                     pausing ── backoff is over ──▶ opening
///
/// Shared connections are kept open all the time and carry the statements of many callers; exclusive ones are opened when
/// somebody waits for one, and lent to one caller at a time, first come, first served.
struct PoolState<Request: AnyObject, Waiter: AnyObject> {
    typealias Instant = ContinuousClock.Instant

    enum Role {
        case shared
        case exclusive
    }

    enum Phase: Equatable {
        case opening
        case ready(since: Instant)
        case leased
        case checking
        case closing
        /// The last attempt failed; the next one is made at that time.
        case pausing(until: Instant)
    }

    struct Member {
        let id: ConnectionID
        let role: Role
        var phase: Phase
        /// How many attempts have failed in a row.
        var failures: Int
        var tooOldAt: Instant
        var openedAt: Instant
        /// Since when nobody has used it, health checks apart.
        var idleSince: Instant
        var inFlight = 0
        var headSince: Instant?
    }

    /// What the shell has to do.
    enum Action {
        case open(ConnectionID, Role)
        /// Close it, when it has answered what is in flight.
        case close(ConnectionID)
        case send(Request, on: ConnectionID)
        case grant(Waiter, ConnectionID)
        /// Ask the connection whether it still lives; then call `checked`.
        case check(ConnectionID)
        case refuse(Request, PostgresError)
        case deny(Waiter, PostgresError)
        /// Nothing is left.
        case stopped
    }

    struct Queued<Item> {
        let item: Item
        let deadline: Instant
    }

    enum Life {
        case running
        case draining
        case stopped
    }

    let limits: PoolLimits
    var life = Life.running
    var members: [ConnectionID: Member] = [:]
    /// The shared connections, in the order in which they were opened.
    var sharedOrder: [ConnectionID] = []
    /// Idle exclusive connections; the one used last is taken first, so that the others can be given up.
    var idle: [ConnectionID] = []
    var requests: Deque<Queued<Request>> = []
    var waiters: Deque<Queued<Waiter>> = []
    var lastFailure: PostgresError?
    private var lastID = 0

    init(limits: PoolLimits) {
        self.limits = limits
    }

    /// Opens the shared connections.
    mutating func start(now: Instant) -> [Action] {
        (0..<limits.sharedConnections).map { _ in open(.shared, failures: 0, now: now) }
    }

    mutating func open(_ role: Role, failures: Int, now: Instant) -> Action {
        lastID += 1
        let id = ConnectionID(number: lastID)
        members[id] = Member(
            id: id, role: role, phase: .opening, failures: failures, tooOldAt: now + limits.maximumAge, openedAt: now,
            idleSince: now)
        if role == .shared { sharedOrder.append(id) }
        return .open(id, role)
    }

    mutating func remove(_ id: ConnectionID) -> Member? {
        sharedOrder.removeAll { $0 == id }
        idle.removeAll { $0 == id }
        return members.removeValue(forKey: id)
    }

    var exclusiveCount: Int { members.values.count { $0.role == .exclusive } }
}

// MARK: Statements on shared connections

extension PoolState {
    /// Where a statement goes. The common case makes no array of actions.
    enum Placement {
        case send(on: ConnectionID)
        case queued
        case refused(PostgresError)
    }

    mutating func place(_ request: Request, deadline: Instant, now: Instant) -> Placement {
        guard life == .running else { return .refused(.shutDown) }
        if requests.isEmpty, let id = leastLoaded(now: now) {
            note(sentOn: id, now: now)
            return .send(on: id)
        }
        guard requests.count < limits.waitingRequests else {
            return .refused(.queueFull(limits.waitingRequests))
        }
        requests.append(Queued(item: request, deadline: min(deadline, now + limits.waitDeadline)))
        return .queued
    }

    /// Requests of this connection were answered.
    mutating func advanced(_ id: ConnectionID, inFlight: Int, headSince: Instant?, now: Instant) -> [Action] {
        guard var member = members[id] else { return [] }
        member.inFlight = inFlight
        member.headSince = headSince
        members[id] = member
        if requests.isEmpty { return life == .running ? [] : drained() }
        return sendQueued(now: now)
    }

    mutating func sendQueued(now: Instant) -> [Action] {
        var actions: [Action] = []
        while !requests.isEmpty, let id = leastLoaded(now: now) {
            note(sentOn: id, now: now)
            actions.append(.send(requests.removeFirst().item, on: id))
        }
        return actions
    }

    private mutating func note(sentOn id: ConnectionID, now: Instant) {
        members[id]?.inFlight += 1
        if members[id]?.headSince == nil { members[id]?.headSince = now }
    }

    /// The shared connection with the fewest requests in flight that has room; one whose first request takes long comes
    /// last, because everything sent to it now would wait behind that request.
    private func leastLoaded(now: Instant) -> ConnectionID? {
        var best: (id: ConnectionID, stalled: Bool, inFlight: Int)?
        for id in sharedOrder {
            guard let member = members[id], case .ready = member.phase, member.inFlight < limits.pipelineDepth else {
                continue
            }
            let stalled = member.headSince.map { now - $0 > limits.stalledAfter } ?? false
            if let found = best, (found.stalled ? 1 : 0, found.inFlight) <= (stalled ? 1 : 0, member.inFlight) {
                continue
            }
            best = (id, stalled, member.inFlight)
        }
        return best?.id
    }
}

// MARK: Leases of exclusive connections

extension PoolState {
    mutating func lease(_ waiter: Waiter, deadline: Instant, now: Instant) -> [Action] {
        guard life == .running else { return [.deny(waiter, .shutDown)] }
        if waiters.isEmpty, let id = idle.popLast() {
            members[id]?.phase = .leased
            return [.grant(waiter, id)]
        }
        guard waiters.count < limits.waitingLeases else {
            return [.deny(waiter, .poolExhausted(limits.waitingLeases))]
        }
        waiters.append(Queued(item: waiter, deadline: min(deadline, now + limits.waitDeadline)))
        return openForWaiters(now: now)
    }

    /// The caller has given the connection back, clean and with nothing in flight.
    mutating func released(_ id: ConnectionID, now: Instant) -> [Action] {
        guard let member = members[id], member.phase == .leased else { return [] }
        if life != .running || member.tooOldAt <= now {
            members[id]?.phase = .closing
            return [.close(id)]
        }
        members[id]?.idleSince = now
        return offer(id, now: now)
    }

    /// Gives a free connection to who has waited longest, or keeps it.
    mutating func offer(_ id: ConnectionID, now: Instant) -> [Action] {
        guard let first = waiters.popFirst() else {
            members[id]?.phase = .ready(since: now)
            idle.append(id)
            return []
        }
        members[id]?.phase = .leased
        return [.grant(first.item, id)]
    }

    /// As many connections as there are waiters without one on its way, within the limit.
    mutating func openForWaiters(now: Instant) -> [Action] {
        var coming = members.values.count { $0.role == .exclusive && $0.isComing }
        var actions: [Action] = []
        while coming < waiters.count, exclusiveCount < limits.exclusiveConnections {
            actions.append(open(.exclusive, failures: 0, now: now))
            coming += 1
        }
        return actions
    }

    /// The caller does not wait for a connection any more; true when it was still waiting.
    mutating func withdraw(_ waiter: Waiter) -> Bool {
        guard let index = waiters.firstIndex(where: { $0.item === waiter }) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// The caller does not wait for its statement any more; true when it had not been sent.
    mutating func withdraw(_ request: Request) -> Bool {
        guard let index = requests.firstIndex(where: { $0.item === request }) else { return false }
        requests.remove(at: index)
        return true
    }
}

extension PoolState.Member {
    /// Whether it will serve somebody by itself, sooner or later.
    var isComing: Bool {
        switch phase {
        case .opening, .pausing, .checking: true
        case .ready, .leased, .closing: false
        }
    }
}
