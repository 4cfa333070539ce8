public import Logging
public import Postgres
import PostgresEventStore
public import ServiceLifecycle
import Synchronization

/// Sends the messages of the outbox to a sink.
///
/// ```swift
/// let relay = Relay("notifications", client: client, sink: HTTPSink(…), logger: logger)
/// // in a ServiceGroup: [client, relay, …]
/// ```
///
/// Every committed message is delivered at least once; duplicates carry the same id and content. Of one key, no message is
/// sent before the one before it is acknowledged. A message that the sink refuses blocks its own key only, durably, and
/// after some attempts parks it until an operator replays it. A sink that cannot be reached stops the relay for a while and
/// counts against nobody.
///
/// Any number of processes may run a relay of the same name: they share its lanes by leases, and one that was paused and
/// wakes up too late cannot move a cursor.
public final class Relay: Service {
    /// The sink's name in the database.
    public let name: SinkName
    let client: PostgresClient
    let sink: any Sink
    let configuration: Configuration
    let statements: OutboxStatements
    let metrics: OutboxMetrics
    let logger: Logger
    let circuit: Mutex<CircuitState>
    /// How far lanes can read, as last heard.
    let horizon = Atomic<Int64>(0)
    /// The lanes that have blocked keys to try again, as last heard.
    private let due: Mutex<Set<Int32>> = Mutex([])
    /// Of the lanes that this process works on.
    let bells: Mutex<[Int32: Doorbell]> = Mutex([:])
    let isRegistered = Atomic(false)
    /// When the database last answered.
    let answered: Mutex<ContinuousClock.Instant?> = Mutex(nil)
    private let pulseBell = Doorbell()

    /// Makes a relay. Nothing is connected or sent before `run()`.
    ///
    /// - Parameters:
    ///   - name: Under which its cursors and blocked keys are kept: the same for every process that shares the work.
    ///   - client: Run it too, before the relay.
    ///   - sink: Where the messages go.
    ///   - logger: Gets messages at debug and info.
    public init(
        _ name: SinkName, client: PostgresClient, sink: any Sink, configuration: Configuration = Configuration(),
        logger: Logger
    ) {
        self.name = name
        self.client = client
        self.sink = sink
        self.configuration = configuration
        var logger = logger
        logger[metadataKey: "sink"] = "\(name)"
        self.logger = logger
        statements = OutboxStatements(schema: configuration.schema)
        metrics = OutboxMetrics(sink: name)
        circuit = Mutex(CircuitState(backoff: configuration.circuitBackoff, suspicious: configuration.suspiciousKeys))
    }

    /// Looks for messages now, instead of at the next poll. Call it after a commit that enqueued.
    public func wake() {
        pulseBell.ring()
    }

    /// Sends until graceful shutdown, which finishes what is in flight and hands the lanes on.
    ///
    /// - Throws: `PostgresError` (SK003) if the sink was registered with other topics or another number of lanes.
    public func run() async throws {
        // A group starts its services all at once: the client may not run yet.
        try? await cancelWhenGracefulShutdown { try await self.client.ready() }
        let units = try await register()
        var leases = configuration.leases
        leases.schema = configuration.schema
        let keeper = LeaseKeeper(
            client, kind: "outbox/\(name)", units: Array(units.keys), configuration: leases, logger: logger)
        await withTaskGroup { group in
            group.addTask { await self.pulse() }
            group.addTask { await self.keepHouse(keeper) }
            await keeper.run { lease in
                guard let lane = units[lease.unit] else { return }
                try await self.work(on: lane, lease: lease)
            }
            group.cancelAll()
        }
    }

    /// Makes the sink known, waiting for the database if need be. Returns its lanes by the names of their units.
    private func register() async throws -> [String: Int32] {
        let statement = statements.register(
            name, lanes: configuration.lanes, topics: configuration.topics, fromNow: configuration.startsFromNow)
        let rows = try await retryingWhile({ !Task.isShuttingDownGracefully }) { () throws(PostgresError) in
            try await self.client.query(statement, deadline: self.configuration.statementTimeout)
        }
        let units = try rows.one()[0].decode([String].self)
        isRegistered.store(true, ordering: .relaxed)
        return Dictionary(uniqueKeysWithValues: units.enumerated().map { ($1, Int32($0)) })
    }

    /// Whether a lane may have blocked keys to try again; asked by its worker before it reads.
    func takeDue(_ lane: Int32) -> Bool {
        due.withLock { $0.remove(lane) != nil }
    }

    /// Whether a lane may have blocked keys to try again.
    func isDue(_ lane: Int32) -> Bool {
        due.withLock { $0.contains(lane) }
    }

    private func work(on lane: Int32, lease: Lease) async throws {
        let bell = Doorbell()
        bells.withLock { $0[lane] = bell }
        defer { bells.withLock { if $0[lane] === bell { $0[lane] = nil } } }
        lease.whenStopping { bell.ring() }
        logger.debug("took over a lane", metadata: ["lane": "\(lane)", "epoch": "\(lease.epoch)"])
        try await LaneWorker(relay: self, lane: lane, lease: lease, bell: bell).run()
    }

    /// Asks now and then how far the lanes can read, and wakes those that have something to do.
    private func pulse() async {
        while !Task.isCancelled {
            do {
                let row = try await client.query(statements.pulse(name), deadline: configuration.statementTimeout).one()
                let (watermark, due) = try row.decode(Int64.self, [Int32].self)
                answered.withLock { $0 = .now }
                self.due.withLock { $0 = Set(due) }
                let isNew = horizon.exchange(watermark, ordering: .relaxed) < watermark
                let woken = bells.withLock { bells in
                    isNew ? Array(bells.values) : due.compactMap { bells[$0] }
                }
                for bell in woken { bell.ring() }
            } catch {
                logger.debug("the outbox could not be asked", metadata: ["error": "\(error)"])
            }
            await pulseBell.wait(until: .now + configuration.pollInterval)
        }
    }

    /// Repeats what may be repeated until it succeeds, fails for good, or there is no use in going on.
    func retryingWhile<R: Sendable>(
        _ isUseful: () -> Bool, _ operation: () async throws(PostgresError) -> R
    ) async throws -> R {
        let backoff = RelayBackoff(first: .milliseconds(50), longest: .seconds(2))
        var attempt = 0
        while true {
            do {
                return try await operation()
            } catch {
                attempt += 1
                guard error.outcome != .failed, isUseful(), !Task.isCancelled else { throw error }
                logger.debug("the database will be asked again", metadata: ["error": "\(error)"])
                try await Task.sleep(for: backoff.delay(attempt: attempt, random: .random(in: 0...1)))
            }
        }
    }
}
