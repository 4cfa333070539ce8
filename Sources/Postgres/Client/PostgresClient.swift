public import Logging
public import ServiceLifecycle
import Synchronization

/// A client of a PostgreSQL server: a pool of connections, statements that share them, and connections of one's own.
///
/// ```swift
/// let client = PostgresClient(.init(connectionString: "dbname=app"), logger: logger)
/// // in a ServiceGroup, or a child task: try await client.run()
/// let rows = try await client.query("select name from seats where id = \(id)")
/// ```
///
/// The client works while ``run()`` does. Used before, it fails at once with code `notRunning`; await ``ready()`` where
/// services start side by side.
///
/// Every error is a ``PostgresError``, whose `outcome` says whether the statement may have taken effect.
public final class PostgresClient: Service, Sendable {
    /// What the client was made with.
    public let configuration: Configuration

    private let logger: Logger
    private let life = Mutex(Life.new([]))

    private enum Life {
        case new([StartWaiter])
        case running(Pool)
        case over
    }

    /// Makes a client. Nothing is opened before ``run()``.
    public init(_ configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Keeps the connections until the task is cancelled or a graceful shutdown begins.
    ///
    /// On graceful shutdown nothing new is taken, and what is in flight and lent out is finished first; on cancellation
    /// connections are closed at once. It is a programmer's error to call it twice.
    ///
    /// - Throws: `PostgresError` with code `invalidArgument` where the connection string is not one.
    public func run() async throws {
        let pool = try begin()
        try? await gracefulShutdown()
        await withTaskCancellationHandler {
            await finish(pool)
        } onCancel: {
            pool.post(.abort)
        }
    }

    /// Makes a client that runs for as long as `body` does.
    ///
    /// - Throws: What `body` throws, and `PostgresError` with code `invalidArgument` where the connection string is not one.
    public static func with<R>(
        _ configuration: Configuration, logger: Logger, _ body: (PostgresClient) async throws -> R
    ) async throws -> R {
        let client = PostgresClient(configuration, logger: logger)
        let pool = try client.begin()
        let result: Result<R, any Error>
        do {
            result = .success(try await body(client))
        } catch {
            result = .failure(error)
        }
        await client.finish(pool)
        return try result.get()
    }

    /// Waits until ``run()`` was called and the server has answered.
    ///
    /// - Throws: `PostgresError`: `cancelled` when the task is, `closed` when the client has been shut down.
    public func ready() async throws(PostgresError) {
        try await started()
        while true {
            do {
                try await query("")
                return
            } catch  where error.code == .poolTimeout && !Task.isCancelled {
                continue
            }
        }
    }

    // MARK: Life

    private func begin() throws(PostgresError) -> Pool {
        let settings = configuration.poolSettings(logger: logger)
        _ = try settings.sharedConnector.parameters()
        let pool = Pool(settings: settings, loop: try EventLoop(backend: configuration.backend))
        let waiting = life.withLock { life in
            guard case .new(let waiting) = life else {
                preconditionFailure("PostgresClient.run() was called twice")
            }
            life = .running(pool)
            return waiting
        }
        pool.loop.start()
        pool.post(.start)
        for waiter in waiting { waiter.promise.complete(.success(())) }
        return pool
    }

    private func finish(_ pool: Pool) async {
        // The promise is not kept before it is waited for: the shutdown is asked for in between.
        _ = try? await pool.stopped.uncancelledValue { pool.post(.shutDown) }
        life.withLock { $0 = .over }
        await pool.loop.stop()
    }

    private func started() async throws(PostgresError) {
        let waiter = StartWaiter()
        try await waiter.promise.value {
            let isStarted = life.withLock { life in
                guard case .new(let waiting) = life else { return true }
                life = .new(waiting + [waiter])
                return false
            }
            if isStarted { waiter.promise.complete(.success(())) }
        } cancel: {
            waiter.promise.complete(.failure(.givenUp(.taskCancelled, sent: false)))
        }
    }

    /// The pool, while the client runs.
    func pool() throws(PostgresError) -> Pool {
        let (pool, isOver): (Pool?, Bool) = life.withLock { life in
            switch life {
            case .new: (nil, false)
            case .running(let pool): (pool, false)
            case .over: (nil, true)
            }
        }
        if let pool { return pool }
        if isOver { throw .shutDown }
        throw PostgresError(
            .notRunning, "the client does not run yet",
            hint: "Call run() first, in a ServiceGroup or a task of its own, or use PostgresClient.with.")
    }

    /// When an operation that begins now has to be over.
    func end(of deadline: Duration?) -> ContinuousClock.Instant {
        .now + (deadline ?? configuration.statementDeadline)
    }
}

/// Somebody who waits for `run()`.
private final class StartWaiter: Sendable {
    let promise = Promise<Void>()
}
