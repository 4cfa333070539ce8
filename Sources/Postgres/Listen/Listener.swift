import Logging

/// Hears the server's notifications on a connection of its own: carries out what ``ListenerState`` decides.
actor Listener: EventLoopMember, ConnectionOwner {
    /// What other threads ask for.
    enum Message: Sendable {
        case subscribe(Subscriber)
        case unsubscribe(Subscriber)
        case opened(Result<OpenedConnection, PostgresError>)
        case subscribed(ConnectionID)
        case shutDown
    }

    /// How often the connection is asked whether it still lives.
    private static let checkInterval: Duration = .seconds(30)
    private static let patience: Duration = .seconds(10)
    /// The token of the timer that reconnects; those that check carry their connection's generation, which is above it.
    private static let reconnectToken: UInt64 = 0

    nonisolated let loop: EventLoop
    private nonisolated let settings: PoolSettings
    private nonisolated let mailbox = Mailbox<Message>()

    private var state: ListenerState<Subscriber>
    private var subscribers: [Subscriber] = []
    private var connection: Connection?
    private var generation = 0
    private var isShutDown = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(settings: PoolSettings, loop: EventLoop) {
        self.loop = loop
        self.settings = settings
        state = ListenerState(backoff: settings.limits.backoff)
    }

    nonisolated func post(_ message: Message) {
        if mailbox.post(message) { loop.schedule(self) }
    }

    // MARK: From the loop

    nonisolated func drain() {
        assumeIsolated { listener in
            var messages: [Message] = []
            listener.mailbox.take(into: &messages)
            for message in messages { listener.receive(message) }
        }
    }

    nonisolated func socketReady(_ readiness: Interest, token: UInt64) {}

    nonisolated func timerFired(_ token: UInt64) {
        assumeIsolated { $0.wake(token) }
    }

    nonisolated func connection(_ id: ConnectionID, hasInFlight count: Int, headSince: ContinuousClock.Instant?) {}

    nonisolated func connection(_ id: ConnectionID, endedWith error: PostgresError) {
        assumeIsolated { $0.ended(id, error) }
    }

    nonisolated func connection(_ id: ConnectionID, heard notification: PostgresNotification, on channel: String) {
        assumeIsolated { listener in
            for subscriber in listener.state.subscribers(of: channel) { subscriber.add(notification) }
        }
    }

    private func receive(_ message: Message) {
        switch message {
        case .subscribe(let subscriber):
            guard !isShutDown else { return subscriber.finish() }
            subscribers.append(subscriber)
            perform(state.subscribe(subscriber, to: subscriber.channels))
        case .unsubscribe(let subscriber):
            subscribers.removeAll { $0 === subscriber }
            perform(state.unsubscribe(subscriber))
        case .opened(let result):
            opened(result)
        case .subscribed(let id):
            if connection?.id == id { perform(state.subscribed()) }
        case .shutDown:
            shutDown()
        }
    }

    // MARK: The connection

    private func opened(_ result: Result<OpenedConnection, PostgresError>) {
        switch result {
        case .success(let opened):
            generation += 1
            let id = ConnectionID(number: -generation)
            let new = Connection(opened, id: id, role: .exclusive, settings: settings.connection, loop: loop)
            connection = new
            new.assumeIsolated { $0.start(owner: self) }
            perform(isShutDown ? [.close] : state.opened())
            checkLater()
        case .failure(let error):
            lost(error)
        }
    }

    private func ended(_ id: ConnectionID, _ error: PostgresError) {
        guard connection?.id == id else { return }
        connection = nil
        if error.code != .closed { lost(error) }
    }

    private func lost(_ error: PostgresError) {
        settings.connection.logger.info(
            "The listening connection was lost", metadata: ["postgres.error": "\(error.message)"])
        state.lost(random: .random(in: 0..<1), now: .now)
        if let wake = state.nextWake { loop.timer(at: wake, member: self, token: Self.reconnectToken) }
    }

    private func wake(_ token: UInt64) {
        if token == Self.reconnectToken { return perform(state.tick(now: .now)) }
        // Not the timers of earlier connections, or each reconnection would leave one more chain of checks.
        if token == UInt64(generation) { check() }
    }

    /// A listener sends nothing by itself, so a dead connection would go unnoticed.
    private func check() {
        guard let connection else { return }
        send([""], on: connection) { _ in }
        checkLater()
    }

    private func checkLater() {
        loop.timer(at: .now + Self.checkInterval, member: self, token: UInt64(generation))
    }

    private func perform(_ actions: [ListenerState<Subscriber>.Action]) {
        for action in actions {
            switch action {
            case .open: open()
            case .close: close()
            case .listen(let channels): listen(on: channels)
            case .unlisten(let channels):
                if let connection { send(channels.map { "unlisten \(identifier: $0)" }, on: connection) { _ in } }
            case .resubscribed(let subscribers):
                for subscriber in subscribers { subscriber.add(.resubscribed) }
            }
        }
    }

    private func open() {
        let connector = settings.exclusiveConnector
        startDetachedThread(named: "skald-connect") { [self] in
            do throws(PostgresError) {
                post(.opened(.success(try connector.open())))
            } catch {
                post(.opened(.failure(error)))
            }
        }
    }

    private func listen(on channels: [String]) {
        guard let connection else { return }
        let id = connection.id
        send(channels.map { "listen \(identifier: $0)" }, on: connection) { [self] _ in post(.subscribed(id)) }
    }

    /// Sends statements; where one fails, the connection is given up and everything begins anew.
    private func send(_ statements: [SQL], on connection: Connection, then: @escaping @Sendable (Answer) -> Void) {
        let request = Request(.batch(statements), deadline: .now + Self.patience, isCancellable: false)
        request.promise.whenComplete { result in
            switch result {
            case .success(let answer): then(answer)
            case .failure(let error): connection.assumeIsolated { $0.end(error) }
            }
        }
        connection.assumeIsolated { $0.submit(request) }
    }

    private func close() {
        connection?.assumeIsolated { $0.end(.shutDown) }
    }

    private func shutDown() {
        isShutDown = true
        for subscriber in subscribers { subscriber.finish() }
        subscribers = []
        close()
    }
}
