import Logging

/// The connections of a client, on its event loop: carries out what ``PoolState`` decides.
actor Pool: EventLoopMember, ConnectionOwner {
    typealias State = PoolState<Request, LeaseRequest>

    /// What other threads ask for.
    enum Message: Sendable {
        case start
        case request(Request)
        case cancelRequest(Request)
        case lease(LeaseRequest)
        case cancelLease(LeaseRequest)
        case release(ConnectionID)
        case discard(ConnectionID)
        case opened(ConnectionID, Result<OpenedConnection, PostgresError>)
        case shutDown
        /// Close everything at once.
        case abort
    }

    nonisolated let loop: EventLoop
    nonisolated let settings: PoolSettings
    nonisolated let listener: Listener
    private nonisolated let mailbox = Mailbox<Message>()
    /// Kept when the last connection is gone after `shutDown`.
    nonisolated let stopped = Promise<Void>()

    var state: State
    var connections: [ConnectionID: Connection] = [:]
    private var taken: [Message] = []
    private var armed: ContinuousClock.Instant?
    private let metrics: PoolMetrics
    private var recorded = PoolMetrics.Counts()
    private var lentAt: [ConnectionID: ContinuousClock.Instant] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(settings: PoolSettings, loop: EventLoop) {
        self.loop = loop
        self.settings = settings
        listener = Listener(settings: settings, loop: loop)
        state = State(limits: settings.limits)
        metrics = PoolMetrics(
            pool: settings.name, limit: settings.limits.sharedConnections + settings.limits.exclusiveConnections)
    }

    /// How many callers wait for a connection of their own.
    var waitingLeases: Int { state.waiters.count }

    // MARK: From any thread

    nonisolated func post(_ message: Message) {
        if mailbox.post(message) { loop.schedule(self) }
    }

    /// Carries out a statement on one of the shared connections.
    nonisolated func perform(_ request: Request) async throws(PostgresError) -> Answer {
        try await request.promise.value {
            post(.request(request))
        } cancel: { [self] in
            post(.cancelRequest(request))
        }
    }

    /// Waits for a connection of one's own. It must be given back with `release` or `discard`.
    nonisolated func lease(deadline: ContinuousClock.Instant) async throws(PostgresError) -> Connection {
        let lease = LeaseRequest(deadline: deadline)
        return try await lease.promise.value {
            post(.lease(lease))
        } cancel: { [self] in
            post(.cancelLease(lease))
        }
    }

    // MARK: From the loop

    nonisolated func drain() {
        assumeIsolated { $0.drainMailbox() }
    }

    nonisolated func socketReady(_ readiness: Interest, token: UInt64) {}

    nonisolated func timerFired(_ token: UInt64) {
        assumeIsolated { $0.tick() }
    }

    nonisolated func connection(_ id: ConnectionID, hasInFlight count: Int, headSince: ContinuousClock.Instant?) {
        assumeIsolated { pool in
            pool.perform(pool.state.advanced(id, inFlight: count, headSince: headSince, now: .now))
        }
    }

    nonisolated func connection(_ id: ConnectionID, endedWith error: PostgresError) {
        assumeIsolated { $0.ended(id, error) }
    }

    private func drainMailbox() {
        var messages: [Message] = []
        swap(&messages, &taken)
        mailbox.take(into: &messages)
        for message in messages { receive(message) }
        messages.removeAll(keepingCapacity: true)
        swap(&messages, &taken)
    }

    private func receive(_ message: Message) {
        switch message {
        case .request(let request): return place(request)
        case .start: perform(state.start(now: .now))
        case .cancelRequest(let request): cancel(request)
        case .lease(let lease): perform(place(lease))
        case .cancelLease(let lease):
            if state.withdraw(lease) { lease.promise.complete(.failure(.givenUp(.taskCancelled, sent: false))) }
        case .release(let id):
            takeBack(id)
            perform(state.released(id, now: .now))
        case .discard(let id):
            takeBack(id)
            close(id)
        case .opened(let id, let result): opened(id, result)
        case .shutDown:
            listener.post(.shutDown)
            perform(state.shutDown())
        case .abort:
            listener.post(.shutDown)
            perform(state.abort())
            for connection in connections.values { connection.assumeIsolated { $0.end(.shutDown) } }
        }
        arm()
    }

    private func takeBack(_ id: ConnectionID) {
        if let since = lentAt.removeValue(forKey: id) { metrics.recordUse(.now - since) }
    }

    // MARK: Requests

    private func place(_ request: Request) {
        switch state.place(request, deadline: request.deadline, now: .now) {
        case .send(let id):
            send(request, on: id)
        case .queued:
            // A task that was cancelled in the meantime has sent its message too early.
            if request.promise.isCancelled { cancel(request) }
            arm()
        case .refused(let error):
            request.complete(.failure(error))
        }
    }

    private func place(_ lease: LeaseRequest) -> [State.Action] {
        guard !lease.promise.isCancelled else {
            lease.promise.complete(.failure(.givenUp(.taskCancelled, sent: false)))
            return []
        }
        return state.lease(lease, deadline: lease.deadline, now: .now)
    }

    private func cancel(_ request: Request) {
        if state.withdraw(request) {
            request.complete(.failure(.givenUp(.taskCancelled, sent: false)))
            return
        }
        // Also on those that get no more work, which `sharedOrder` does not know any more.
        for (id, connection) in connections where state.members[id]?.role == .shared {
            connection.assumeIsolated { $0.giveUp(request) }
        }
    }

    private func send(_ request: Request, on id: ConnectionID) {
        guard let connection = connections[id] else {
            request.complete(.failure(.lostBeforeSending(nil)))
            return
        }
        connection.assumeIsolated { $0.submit(request) }
    }

    // MARK: Connections

    private func opened(_ id: ConnectionID, _ result: Result<OpenedConnection, PostgresError>) {
        switch result {
        case .success(let opened):
            let role: Connection.State.Role = state.members[id]?.role == .exclusive ? .exclusive : .shared
            let connection = Connection(opened, id: id, role: role, settings: settings.connection, loop: loop)
            connections[id] = connection
            connection.assumeIsolated { $0.start(owner: self) }
            perform(state.opened(id, random: .random(in: 0..<1), now: .now))
        case .failure(let error):
            settings.connection.logger.debug(
                "A connection could not be opened", metadata: ["postgres.error": "\(error.message)"])
            perform(state.failedToOpen(id, error, lasting: error.isLasting, random: .random(in: 0..<1), now: .now))
        }
    }

    private func ended(_ id: ConnectionID, _ error: PostgresError) {
        guard connections.removeValue(forKey: id) != nil else { return }
        if error.code != .closed {
            settings.connection.logger.info(
                "A connection was lost", metadata: ["postgres.error": "\(error.message)"])
        }
        perform(state.ended(id, random: .random(in: 0..<1), now: .now))
        arm()
    }

    private func close(_ id: ConnectionID) {
        connections[id]?.assumeIsolated { $0.closeWhenQuiet() }
    }

    private func check(_ id: ConnectionID) {
        guard let connection = connections[id] else { return }
        let request = Request(.statement(""), deadline: .now + settings.healthCheckDeadline)
        request.promise.whenComplete { [self] result in
            assumeIsolated { pool in
                switch result {
                case .success: pool.perform(pool.state.checked(id, now: .now))
                case .failure(let error): connection.assumeIsolated { $0.end(error) }
                }
            }
        }
        connection.assumeIsolated { $0.submit(request) }
    }

    private func perform(_ actions: [State.Action]) {
        for action in actions {
            switch action {
            case .open(let id, let role): open(id, role)
            case .close(let id): close(id)
            case .send(let request, let id): send(request, on: id)
            case .grant(let lease, let id): grant(lease, id)
            case .check(let id): check(id)
            case .refuse(let request, let error):
                if error.code == .poolTimeout { metrics.countTimeout() }
                request.complete(.failure(error))
            case .deny(let lease, let error):
                if error.code == .poolTimeout { metrics.countTimeout() }
                lease.promise.complete(.failure(error))
            case .stopped: stopped.complete(.success(()))
            }
        }
    }

    private func open(_ id: ConnectionID, _ role: State.Role) {
        let connector = role == .shared ? settings.sharedConnector : settings.exclusiveConnector
        startDetachedThread(named: "skald-connect") { [self] in
            let start = ContinuousClock.now
            do throws(PostgresError) {
                let opened = try connector.open()
                metrics.recordCreation(.now - start)
                post(.opened(id, .success(opened)))
            } catch {
                post(.opened(id, .failure(error)))
            }
        }
    }

    private func grant(_ lease: LeaseRequest, _ id: ConnectionID) {
        guard let connection = connections[id] else {
            lease.promise.complete(.failure(.lostBeforeSending(nil)))
            return
        }
        lentAt[id] = .now
        metrics.recordWait(.now - lease.askedAt)
        lease.promise.complete(.success(connection))
    }

    // MARK: Time

    private func tick() {
        let now = ContinuousClock.now
        if let armed, armed <= now { self.armed = nil }
        perform(state.tick(now: now))
        arm()
    }

    private func arm() {
        // Not at each statement, which does not come here: the gauges follow leases, queues and connections.
        let counts = state.counts
        if counts != recorded {
            recorded = counts
            metrics.record(counts)
        }
        guard let wake = state.nextWake else { return }
        if let armed, armed <= wake { return }
        armed = wake
        loop.timer(at: wake, member: self, token: 0)
    }
}

/// A caller who waits for a connection of its own.
final class LeaseRequest: Sendable {
    let askedAt = ContinuousClock.now
    let deadline: ContinuousClock.Instant
    let promise = Promise<Connection>()

    init(deadline: ContinuousClock.Instant) {
        self.deadline = deadline
    }
}

/// What a pool is made with.
struct PoolSettings: Sendable {
    /// What the pool is called in metrics.
    var name: String
    var limits: PoolLimits
    var connection: ConnectionSettings
    var sharedConnector: Connector
    var exclusiveConnector: Connector
    var healthCheckDeadline: Duration = .seconds(5)
}

extension PostgresError {
    /// Whether opening a connection will fail again until somebody changes something.
    var isLasting: Bool {
        guard let sqlState else { return code == .invalidArgument }
        return sqlState.classCode == "28" || sqlState == .invalidDatabaseName || sqlState == .insufficientPrivilege
    }
}
