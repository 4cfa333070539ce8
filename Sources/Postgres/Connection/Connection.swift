import CLibPQ
import Logging
import Synchronization

/// A connection to the server, on its event loop: carries out what ``ConnectionState`` decides.
///
/// Its executor is the loop, so readiness and libpq's calls meet on one thread. Callers do not enter the actor: they post
/// to its mailbox and wait on their request.
actor Connection: EventLoopMember {
    typealias State = ConnectionState<Request, ResultHandle>

    /// What other threads ask for.
    enum Message: Sendable {
        case submit(Request)
        case cancel(Request)
        case cancelDelivered
        /// The caller has room for more rows or data.
        case resume
        case copy(CopyChunk)
    }

    nonisolated let id: ConnectionID
    nonisolated let loop: EventLoop
    nonisolated let backendPID: Int32
    nonisolated let logger: Logger
    private nonisolated let status = Atomic<UInt8>(TransactionStatus.idle.rawValue)
    private nonisolated let dirt = Atomic<Bool>(false)
    private nonisolated let spoilt = Atomic<Bool>(false)
    nonisolated let resetsAlways: Bool
    private nonisolated let mailbox = Mailbox<Message>()

    weak var owner: (any ConnectionOwner)?
    var libpq: ConnectionHandle?
    var state: State
    var cache: StatementCache
    /// The earliest time at which a timer will call.
    var armed: ContinuousClock.Instant?
    var willFlush = false
    var closesWhenQuiet = false
    /// Nothing is read, because the caller has enough to do with what was read.
    var isPaused = false
    var copy = Copy.none
    /// How the last COPY ended, for the caller who is still writing.
    var copyError: PostgresError?
    var watching: Interest = []
    /// Kept apart from libpq, which closes its socket by itself when the server has.
    let socket: Int32
    /// What the server said before it ended the session.
    var lastWords: PostgresError?
    /// Why the connection has ended.
    var endedBy: PostgresError?
    private var taken: [Message] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ opened: OpenedConnection, id: ConnectionID, role: State.Role, settings: ConnectionSettings, loop: EventLoop)
    {
        self.id = id
        self.loop = loop
        logger = settings.logger
        resetsAlways = settings.resetsSessions
        state = State(role: role, limits: settings.limits)
        cache = StatementCache(capacity: settings.preparedStatements)
        let handle = ConnectionHandle(opened)
        backendPID = handle.backendPID
        socket = handle.socket
        libpq = consume handle
    }

    /// Takes up work.
    func start(owner: any ConnectionOwner) {
        self.owner = owner
        watch(.read)
    }

    // MARK: From any thread

    /// Whether a transaction was open when the last request was answered.
    nonisolated var transactionStatus: TransactionStatus {
        TransactionStatus(rawValue: status.load(ordering: .acquiring)) ?? .unknown
    }

    /// Whether a statement has left something in the session that the next user must not find.
    nonisolated var isDirty: Bool {
        get { dirt.load(ordering: .acquiring) }
        set { dirt.store(newValue, ordering: .releasing) }
    }

    /// Whether a statement has left something that no reset takes away but one that costs the connection's own statements.
    nonisolated var isSpoiled: Bool {
        get { spoilt.load(ordering: .acquiring) }
        set { spoilt.store(newValue, ordering: .releasing) }
    }

    /// Makes known whether a transaction is open.
    nonisolated func note(_ status: TransactionStatus) {
        self.status.store(status.rawValue, ordering: .releasing)
    }

    /// Has something done, in the order in which it is asked for.
    nonisolated func post(_ message: Message) {
        if mailbox.post(message) { loop.schedule(self) }
    }

    /// Carries out a request and waits for its answer.
    nonisolated func perform(_ request: Request) async throws(PostgresError) -> Answer {
        try await request.promise.value {
            post(.submit(request))
        } cancel: { [self] in
            post(.cancel(request))
        }
    }

    /// Carries out a request whatever becomes of the caller's task.
    nonisolated func performUncancelled(_ request: Request) async throws(PostgresError) -> Answer {
        try await request.promise.uncancelledValue { post(.submit(request)) }
    }

    // MARK: From the loop

    nonisolated func drain() {
        assumeIsolated { $0.drainMailbox() }
    }

    nonisolated func socketReady(_ readiness: Interest, token: UInt64) {
        assumeIsolated { $0.ready(readiness) }
    }

    nonisolated func socketFailed() {
        assumeIsolated { connection in
            connection.end(
                PostgresError(
                    .connectionLost, "the system refuses to watch the connection's socket",
                    hint: "Look at its limits, such as fs.epoll.max_user_watches."))
        }
    }

    nonisolated func timerFired(_ token: UInt64) {
        assumeIsolated { $0.wake() }
    }

    nonisolated func turnEnded() {
        assumeIsolated { $0.flush() }
    }

    private func drainMailbox() {
        // The array is given back afterwards, so that its capacity is used again.
        var messages: [Message] = []
        swap(&messages, &taken)
        mailbox.take(into: &messages)
        for message in messages { receive(message) }
        messages.removeAll(keepingCapacity: true)
        swap(&messages, &taken)
    }

    private func receive(_ message: Message) {
        switch message {
        case .submit(let request):
            submit(request)
        case .cancel(let request):
            giveUp(request)
        case .cancelDelivered:
            state.cancelDelivered(now: .now)
            sendNext()
            arm()
        case .resume:
            resumeReading()
        case .copy(let chunk):
            take(chunk)
        }
    }
}

/// Whether a connection is in a transaction.
enum TransactionStatus: UInt8 {
    case idle
    case open
    /// Something is still in flight, or the connection is gone.
    case unknown
}

/// Tells the connections of a client apart.
struct ConnectionID: Hashable, Sendable {
    let number: Int
}

/// What every connection of a pool has in common.
struct ConnectionSettings: Sendable {
    var logger: Logger
    var limits = ConnectionLimits()
    /// How many prepared statements are kept; 0 for poolers that change the session under a client.
    var preparedStatements = 256
    /// Whether an exclusive connection is reset after every loan, and not only where it is known to be needed.
    var resetsSessions = true
}

/// Who a connection reports to. All are called on the loop's thread.
protocol ConnectionOwner: AnyObject, Sendable {
    /// Requests were answered; so many are left, and the first of them has been the first since then.
    func connection(_ id: ConnectionID, hasInFlight count: Int, headSince: ContinuousClock.Instant?)

    /// The server has sent a notification.
    func connection(_ id: ConnectionID, heard notification: PostgresNotification, on channel: String)

    /// The connection is gone and everybody who waited on it has been answered.
    func connection(_ id: ConnectionID, endedWith error: PostgresError)
}

extension ConnectionOwner {
    func connection(_ id: ConnectionID, heard notification: PostgresNotification, on channel: String) {}
}
