import EventSourcing
public import Logging
import Postgres
public import PostgresEventStore
public import ServiceLifecycle
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Runs sagas.
///
/// ```swift
/// let sagas = Sagas(store, logger: logger)
/// let worker = try SagaWorker(sagas, running: [BookTrip(inventory: …, payments: …)], logger: logger)
/// // in a ServiceGroup: [client, store, worker, …]
/// try await sagas.start(BookTrip.self, id: "4711", with: .init(…))
/// ```
///
/// Any number of processes may run a worker for the same sagas: they share them by leases on lanes. When one dies its
/// lanes are taken over, and what it was calling is called again; when one was paused past its lease, the database
/// refuses what it writes. A saga ends completed or compensated, or needs attention.
///
/// Graceful shutdown takes up nothing new, lets calls in flight end, and hands the lanes on.
public final class SagaWorker: Service {
    /// The client for starting and watching the same sagas; what it starts is taken up at once.
    public let sagas: Sagas
    /// The worker's limits and time-outs.
    public let configuration: Configuration

    let definitions: [SagaKind: SagaDefinition]
    let statements: SagaStatements
    let pipeline: TransitionPipeline
    let metrics = SagaMetrics()
    let active: ActiveSagas
    let logger: Logger
    let lanes: Mutex<[ObjectIdentifier: Lane]> = Mutex([:])

    var store: PostgresEventStore { sagas.store }

    /// Makes a worker. Nothing is connected or run before `run()`.
    ///
    /// - Parameters:
    ///   - sagas: the client that shares its wake-ups.
    ///   - running: the sagas this process has the code for, each version of a definition once.
    ///   - logger: gets messages at debug and info.
    /// - Throws: ``SagaError/Code/invalidDefinition`` when one of them can't be registered, two have one name and
    ///   version, or a command step has nowhere to get its reply.
    public init(
        _ sagas: Sagas, running: [any Saga], configuration: Configuration = Configuration(), logger: Logger
    ) throws(SagaError) {
        self.sagas = sagas
        self.configuration = configuration
        self.logger = logger
        active = ActiveSagas(atMost: configuration.maximumActive)
        var definitions: [SagaKind: SagaDefinition] = [:]
        for saga in running {
            let definition = try SagaDefinition(saga)
            let kind = SagaKind(name: definition.name, definition: definition.version)
            guard definitions.updateValue(definition, forKey: kind) == nil else {
                throw SagaError(
                    .invalidDefinition,
                    "Saga '\(kind.name)' is registered twice with version \(kind.definition); give each its own."
                )
            }
            let sends = definition.steps.contains { if case .command = $0.work { true } else { false } }
            if sends, configuration.replyTo.isEmpty {
                throw SagaError(
                    .invalidDefinition,
                    "Saga '\(kind.name)' sends commands; say in the worker's configuration where replies go: replyTo."
                )
            }
        }
        self.definitions = definitions
        statements = SagaStatements(schema: sagas.store.configuration.schema)
        pipeline = TransitionPipeline(
            client: sagas.store.client, statements: statements, configuration: configuration, metrics: metrics,
            logger: logger)
    }

    /// Makes a worker with a client of its own (``sagas``).
    public convenience init(
        _ store: PostgresEventStore, running: [any Saga], configuration: Configuration = Configuration(), logger: Logger
    ) throws(SagaError) {
        try self.init(Sagas(store, logger: logger), running: running, configuration: configuration, logger: logger)
    }

    /// Looks for due sagas now, instead of at the next poll. Call it after a commit that started one or gave one a
    /// reply.
    public func wake() { sagas.wake() }

    /// Runs sagas until graceful shutdown or cancellation.
    public func run() async throws {
        let (lanes, taken) = AsyncStream<Lane>.makeStream()
        await withTaskGroup { group in
            // Here, and not under the leases: a lane is given back while a call that it gave up may still run.
            group.addTask { await self.serve(lanes) }
            group.addTask { await self.pipeline.run() }
            group.addTask { await self.poll() }
            group.addTask { await self.keepHouse() }
            group.addTask { await self.sagas.waker.announce() }
            if store.configuration.listens { group.addTask { await self.sagas.waker.listen() } }
            await withTaskGroup { keepers in
                for kind in definitions.keys { keepers.addTask { await self.keepLanes(of: kind, serving: taken) } }
            }
            pipeline.drain()
            group.cancelAll()
        }
    }

    private func keepLanes(of kind: SagaKind, serving taken: AsyncStream<Lane>.Continuation) async {
        var leases = configuration.leases
        leases.schema = store.configuration.schema
        let units = (0..<SagaKind.lanes).map { kind.unit(of: $0) }
        let keeper = LeaseKeeper(
            store.client, kind: kind.description, units: units, configuration: leases, logger: logger)
        await keeper.run { lease in
            guard let number = units.firstIndex(of: lease.unit) else { return }
            let lane = Lane(kind, number, lease)
            lease.whenStopping { lane.post(.stop) }
            self.logger.debug("took a lane over", metadata: ["unit": "\(lease.unit)", "epoch": "\(lease.epoch)"])
            taken.yield(lane)
            self.lanes.withLock { $0[ObjectIdentifier(lane)] = lane }
            self.sagas.waker.readers.raise()
            await lane.untilClosed()
            self.lanes.withLock { $0[ObjectIdentifier(lane)] = nil }
        }
    }

    /// Serves lanes until cancelled.
    private func serve(_ lanes: AsyncStream<Lane>) async {
        await withDiscardingTaskGroup { group in
            for await lane in lanes {
                guard let definition = definitions[lane.kind] else { continue }
                group.addTask { await self.serve(lane, definition) }
            }
        }
    }

    /// Serves a lane for as long as its lease is held.
    private func serve(_ lane: Lane, _ definition: SagaDefinition) async {
        await withTaskGroup { group in
            group.addTask { await self.takeUpRunning(of: lane) }
            var worker = LaneWorker(worker: self, definition: definition, lane: lane)
            await worker.run()
            group.cancelAll()
        }
    }

    /// Whatever the database says is running in a lane and this process has not in hand was run by a worker that is
    /// gone.
    ///
    /// - Parameter isPatient: Whether to wait while this process has as many sagas in hand as it may; otherwise the rest is
    ///   left for another time.
    func takeUpRunning(of lane: Lane, isPatient: Bool = true) async {
        let page = 64
        var last: SagaKey?
        var isWanted: Bool { !Task.isCancelled && lane.lease.isValid && !lane.lease.isStopping }
        while isWanted {
            do {
                let sent = ContinuousClock.now
                let rows = try await store.client.query(
                    statements.running(lane.kind, lane: lane.number, after: last, atMost: page),
                    deadline: configuration.statementTimeout)
                let found = try statements.running(of: rows, lane.kind, lane: lane.number, unreadable: isUnreadable)
                if let now = found.now { pipeline.read(now, sent: sent) }
                for saga in found.sagas {
                    while !lane.deliver(saga, claiming: active), !active.contains(saga.key), isWanted {
                        guard isPatient else { return }
                        try? await Task.sleep(for: configuration.pollInterval / 10)
                    }
                }
                last = found.last
                if rows.count < page { return }
            } catch {
                logger.info(
                    "the calls of a lane's former worker could not be read; they will be looked for again",
                    metadata: ["unit": "\(lane.lease.unit)", "error": "\(error)"])
                try? await Task.sleep(for: configuration.pollInterval)
            }
        }
    }
}
