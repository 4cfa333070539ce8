import DequeModule

// How connections come, grow old and go.
extension PoolState {
    /// A connection is open.
    ///
    /// - Parameter random: A number in 0 ..< 1, by which the connections of a pool part so that they do not all grow old
    ///   at once: the age limit is lowered by up to a fifth.
    mutating func opened(_ id: ConnectionID, random: Double, now: Instant) -> [Action] {
        guard let member = members[id], member.phase == .opening else { return [.close(id)] }
        guard life == .running else {
            members[id]?.phase = .closing
            return [.close(id)]
        }
        lastFailure = nil
        members[id]?.openedAt = now
        members[id]?.idleSince = now
        members[id]?.tooOldAt = now + limits.maximumAge * (1 - 0.2 * random)
        guard member.role == .exclusive else {
            members[id]?.phase = .ready(since: now)
            return sendQueued(now: now)
        }
        return offer(id, now: now)
    }

    /// A connection could not be opened.
    ///
    /// - Parameter lasting: Whether trying again is no use before somebody changes something, such as a wrong password:
    ///   then nobody is kept waiting, though the pool goes on trying.
    mutating func failedToOpen(
        _ id: ConnectionID, _ error: PostgresError, lasting: Bool, random: Double, now: Instant
    ) -> [Action] {
        guard var member = members[id], member.phase == .opening else { return [] }
        lastFailure = error
        guard life == .running else {
            _ = remove(id)
            return drained()
        }
        var actions: [Action] = []
        if lasting { actions = denyAll(member.role, error) }
        if member.role == .exclusive, waiters.isEmpty {
            _ = remove(id)
            return actions
        }
        member.failures += 1
        member.phase = .pausing(until: now + limits.backoff.pause(beforeAttempt: member.failures, random: random))
        members[id] = member
        return actions
    }

    private mutating func denyAll(_ role: Role, _ error: PostgresError) -> [Action] {
        switch role {
        case .shared:
            let isServed = sharedOrder.contains { id in
                if case .ready? = members[id]?.phase { true } else { false }
            }
            guard !isServed else { return [] }
            defer { requests.removeAll() }
            return requests.map { .refuse($0.item, error) }
        case .exclusive:
            defer { waiters.removeAll() }
            return waiters.map { .deny($0.item, error) }
        }
    }

    /// A connection is gone, whether it was closed or lost.
    ///
    /// The first loss is made good at once. A server that ends each connection right away is met with growing pauses.
    mutating func ended(_ id: ConnectionID, random: Double = 0, now: Instant) -> [Action] {
        guard let member = remove(id) else { return [] }
        guard life == .running else { return drained() }
        switch member.role {
        case .shared where member.phase == .closing:
            return []
        case .shared:
            let failures = now - member.openedAt < limits.shortLife ? member.failures + 1 : 0
            let action = open(.shared, failures: failures, now: now)
            guard failures > 1, case .open(let id, _) = action else { return [action] }
            members[id]?.phase = .pausing(
                until: now + limits.backoff.pause(beforeAttempt: failures - 1, random: random))
            return []
        case .exclusive: return openForWaiters(now: now)
        }
    }

    /// An idle connection has answered the question whether it lives. One that does not ends instead.
    mutating func checked(_ id: ConnectionID, now: Instant) -> [Action] {
        guard let member = members[id], member.phase == .checking else { return [] }
        guard life == .running else {
            members[id]?.phase = .closing
            return [.close(id)]
        }
        guard member.role == .exclusive else {
            members[id]?.phase = .ready(since: now)
            return []
        }
        return offer(id, now: now)
    }

    /// When `tick` has to be called at the latest.
    var nextWake: Instant? {
        var wakes: [Instant] = []
        // Both queues are in order of arrival, but a caller may have a shorter deadline than the one before.
        wakes += requests.map(\.deadline)
        wakes += waiters.map(\.deadline)
        for member in members.values {
            switch member.phase {
            case .pausing(let until): wakes.append(until)
            case .ready(let since) where member.role == .exclusive:
                wakes.append(
                    min(member.idleSince + limits.idleTimeout, since + limits.healthCheckAfter, member.tooOldAt))
            case .ready: wakes.append(member.tooOldAt)
            case .opening, .leased, .checking, .closing: break
            }
        }
        return wakes.min()
    }

    /// Time has passed.
    mutating func tick(now: Instant) -> [Action] {
        var actions: [Action] = []
        for late in requests where late.deadline <= now { actions.append(.refuse(late.item, waitedTooLong())) }
        for late in waiters where late.deadline <= now { actions.append(.deny(late.item, waitedTooLong())) }
        requests.removeAll { $0.deadline <= now }
        waiters.removeAll { $0.deadline <= now }
        for member in members.values.sorted(by: { $0.id.number < $1.id.number }) {
            actions += tick(member, now: now)
        }
        return actions
    }

    private mutating func tick(_ member: Member, now: Instant) -> [Action] {
        switch member.phase {
        case .pausing(let until) where until <= now:
            _ = remove(member.id)
            if member.role == .exclusive, waiters.isEmpty { return [] }
            return [open(member.role, failures: member.failures, now: now)]
        case .ready(let since):
            return tickReady(member, since: since, now: now)
        case .pausing, .opening, .leased, .checking, .closing:
            return []
        }
    }

    private mutating func tickReady(_ member: Member, since: Instant, now: Instant) -> [Action] {
        let isIdleTooLong = member.role == .exclusive && member.idleSince + limits.idleTimeout <= now
        if member.tooOldAt <= now || isIdleTooLong {
            return retire(member, now: now)
        }
        guard member.role == .exclusive, since + limits.healthCheckAfter <= now else { return [] }
        idle.removeAll { $0 == member.id }
        members[member.id]?.phase = .checking
        return [.check(member.id)]
    }

    /// An old connection gets no more work. A shared one is followed by another before it has gone.
    private mutating func retire(_ member: Member, now: Instant) -> [Action] {
        idle.removeAll { $0 == member.id }
        members[member.id]?.phase = .closing
        guard member.role == .shared else { return [.close(member.id)] }
        sharedOrder.removeAll { $0 == member.id }
        return [open(.shared, failures: 0, now: now), .close(member.id)]
    }

    private func waitedTooLong() -> PostgresError {
        guard let lastFailure else {
            return PostgresError(
                .poolTimeout, "no connection became free within the time allowed",
                hint: "Hold connections for a shorter time, or allow more of them.", outcome: .retriable)
        }
        return PostgresError(
            .poolTimeout, "there is no connection: \(lastFailure.message)", outcome: .retriable, underlying: lastFailure
        )
    }

    // MARK: Shutting down

    /// Takes nothing new, and closes every connection when it has answered what is in flight.
    mutating func shutDown() -> [Action] {
        guard life == .running else { return [] }
        life = .draining
        var actions: [Action] = requests.map { .refuse($0.item, .shutDown) }
        actions += waiters.map { .deny($0.item, .shutDown) }
        requests.removeAll()
        waiters.removeAll()
        idle.removeAll()
        for member in members.values {
            switch member.phase {
            case .ready:
                members[member.id]?.phase = .closing
                actions.append(.close(member.id))
            case .pausing:
                _ = remove(member.id)
            case .opening, .leased, .checking, .closing:
                break
            }
        }
        return actions + drained()
    }

    /// The same at once: whatever is still being opened is closed when it comes.
    mutating func abort() -> [Action] {
        let actions = shutDown()
        for member in members.values where member.phase == .opening { _ = remove(member.id) }
        return actions + drained()
    }

    mutating func drained() -> [Action] {
        guard life == .draining, members.isEmpty else { return [] }
        life = .stopped
        return [.stopped]
    }
}

extension PostgresError {
    static var shutDown: PostgresError {
        PostgresError(.closed, "the client is shutting down", outcome: .retriable)
    }

    static func queueFull(_ limit: Int) -> PostgresError {
        PostgresError(
            .queueFull, "\(limit) statements were waiting to be sent already",
            hint: "Send fewer at once; the server does not keep up.", outcome: .retriable)
    }

    static func poolExhausted(_ limit: Int) -> PostgresError {
        PostgresError(
            .poolExhausted, "\(limit) callers were waiting for a connection already",
            hint: "Hold connections for a shorter time, or allow more of them.", outcome: .retriable)
    }
}
