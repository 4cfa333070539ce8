import EventSourcing
public import Logging
public import Postgres
public import ServiceLifecycle

/// An event store on PostgreSQL.
///
/// ```swift
/// let client = PostgresClient(.init(connectionString: url), logger: logger)
/// let store = PostgresEventStore(client, logger: logger)
/// // in a ServiceGroup: [client, store, …]
/// try await store.execute(.hold(booking, until: deadline), by: Seat(), on: "A1")
/// ```
///
/// Appends of concurrent callers are gathered into groups, each one transaction, in which every append succeeds or fails
/// alone; success is reported only after the commit. Reading in order goes up to the watermark, below which nothing can
/// appear any more. How both work, and why they are safe, stands at the head of `Migrations/0001_log.sql`.
///
/// It is a `Service`: appends made before `run()` was called, or after it ended, fail at once with `notRunning`. Reading
/// needs only the client. Graceful shutdown lets nobody in any more and answers everybody who is in.
public final class PostgresEventStore: Service {
    /// The client that the store talks through.
    public let client: PostgresClient
    /// The store's limits and time-outs.
    public let configuration: Configuration

    let pipeline: AppendPipeline
    let sender: AppendSender
    let appends: AppendStatements
    let reads: ReadStatements
    let readers = LogSignal()
    private let end = LogEnd()
    let metrics: EventStoreMetrics
    private let waker: Waker
    private let logger: Logger

    /// Makes a store. Nothing is connected before `run()`.
    ///
    /// - Parameters:
    ///   - client: Run it too, before the store.
    ///   - logger: Gets messages at debug and info.
    public init(_ client: PostgresClient, configuration: Configuration = Configuration(), logger: Logger) {
        self.client = client
        self.configuration = configuration
        self.logger = logger
        metrics = EventStoreMetrics()
        appends = AppendStatements(schema: configuration.schema, tenant: configuration.tenant)
        reads = ReadStatements(schema: configuration.schema, tenant: configuration.tenant)
        let (local, readers) = (LogSignal(), readers)
        waker = Waker(
            client: client, channel: configuration.schema.name + "_events", local: local, readers: readers,
            interval: configuration.announceInterval, logger: logger)
        sender = AppendSender(
            client: client, statements: appends, configuration: configuration, end: end, logger: logger,
            committed: {
                readers.raise()
                local.raise()
            })
        pipeline = AppendPipeline(sender: sender, configuration: configuration, metrics: metrics)
    }

    /// Serves appends and carries wake-ups until graceful shutdown or cancellation.
    ///
    /// First it looks whether the schema is what this program needs. A database that does not answer within
    /// ``Configuration/statementTimeout`` is asked again while the store serves.
    ///
    /// - Throws: ``MigrationError`` where the schema is older or newer than this program, or another: nobody is served then.
    public func run() async throws {
        let schema = SchemaCheck()
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await withTaskGroup { group in
                    group.addTask {
                        await schema.look(at: self.configuration, through: self.client, logger: self.logger)
                        if schema.problem != nil { await self.drainOnceStarted() }
                    }
                    await schema.answered(within: self.configuration.statementTimeout)
                    if schema.problem == nil {
                        group.addTask { await self.waker.announce() }
                        if self.configuration.listens { group.addTask { await self.waker.listen() } }
                        group.addTask { await self.watchLog() }
                        // Who asked for the end before it had begun is not forgotten.
                        group.addTask { if await self.isAskedToEnd() { self.pipeline.drain() } }
                    }
                    await self.pipeline.run()
                    group.cancelAll()
                }
            } onCancel: {
                self.pipeline.drain()
            }
        } onGracefulShutdown: {
            schema.stopWaiting()
            self.pipeline.drain()
        }
        if let problem = schema.problem { throw problem }
    }

    /// Lets go who waits for ``ready()``, and serves nobody.
    private func drainOnceStarted() async {
        await pipeline.started()
        pipeline.drain()
    }

    private func isAskedToEnd() async -> Bool {
        await pipeline.started()
        return Task.isCancelled || Task.isShuttingDownGracefully
    }

    /// Returns once `run()` serves appends, or has failed, for whoever starts it in a task and wants to append at once.
    public func ready() async {
        await pipeline.started()
    }

    /// A commit that did not go through the pipeline wakes readers too.
    func transactionCommitted() {
        readers.raise()
        waker.local.raise()
    }

    /// Measures how the log stands, now and then, and keeps the watermark that standbys read by.
    private func watchLog() async {
        while !Task.isCancelled {
            do {
                // After a promotion the new generation is to be begun here, in a transaction that ends at once: begun by an
                // append in a long one, it makes the first appends of all other sessions wait, and this look at the log too.
                // Before the end of the log is known, because whoever knows it takes the generation for begun.
                do {
                    _ = try await client.query(appends.beginSession, deadline: .seconds(5))
                } catch {
                    logger.debug("the log's generation is not certain", metadata: ["error": "\(error)"])
                }
                let status = try await status()
                metrics.observed(status)
                end.seen(status.head.rawValue)
                _ = try await client.query(reads.storeWatermark)
            } catch {
                logger.debug("the log's status could not be read", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: configuration.statusInterval)
        }
    }
}
