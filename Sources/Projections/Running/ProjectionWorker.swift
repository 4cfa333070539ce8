public import EventSourcing
public import Logging
import Postgres
public import PostgresEventStore
public import ServiceLifecycle

/// Keeps projections up to date with the log.
///
/// ```swift
/// let worker = try ProjectionWorker(store, running: [SeatMap(), Revenue()], logger: logger)
/// // in a ServiceGroup: [client, store, worker]
/// ```
///
/// Events are applied in the order of the log, each exactly once: a batch of them and the projection's checkpoint commit in
/// one transaction. An event that cannot be applied, because the projection throws, cannot read it, or the database refuses
/// its statements, stops that projection and no other: everything before it is applied, the checkpoint says where it stands
/// and why (see ``ProjectionProgress/all()``), and it is tried again now and then, and by every process that starts.
///
/// Any number of processes may run the same projections: they share them by leases, each projection in one process at a
/// time. A process that was paused and wakes up too late cannot write. Graceful shutdown finishes the batch in flight and
/// hands the projections on.
public final class ProjectionWorker: Service {
    let store: PostgresEventStore
    let configuration: Configuration
    let statements: ProjectionStatements
    let logger: Logger
    private let projections: [String: AnyProjection]
    private let metrics: [String: ProjectionMetrics]

    /// Makes a worker. Nothing happens before `run()`.
    ///
    /// - Parameters:
    ///   - store: Whose log and database it works on. Run it and its client too, before the worker.
    ///   - projections: What to run.
    ///   - coding: How events are read.
    ///   - logger: Gets messages at debug and info.
    /// - Throws: `invalidDefinition` if two of them have the same name and version, or a version is not valid.
    public init(
        _ store: PostgresEventStore, running projections: [any Projection],
        configuration: Configuration = Configuration(), coding: EventCoding = EventCoding(), logger: Logger
    ) throws(ProjectionError) {
        self.store = store
        self.configuration = configuration
        self.logger = logger
        statements = ProjectionStatements(store)
        var units: [String: AnyProjection] = [:]
        for projection in projections {
            let projection = AnyProjection(projection, coding: coding)
            guard (1...Int(Int32.max)).contains(projection.version) else {
                throw .invalidVersion(projection.name, projection.version)
            }
            let unit = Self.unit(projection.name.rawValue, projection.version, store.configuration.tenant)
            guard units.updateValue(projection, forKey: unit) == nil else {
                throw .duplicate(projection.name, projection.version)
            }
        }
        self.projections = units
        metrics = units.mapValues { ProjectionMetrics($0, tenant: store.configuration.tenant) }
    }

    /// Runs the projections until graceful shutdown or cancellation.
    public func run() async throws {
        try? await cancelWhenGracefulShutdown { try await self.store.client.ready() }
        var leases = configuration.leases
        leases.schema = store.configuration.schema
        let keeper = LeaseKeeper(
            store.client, kind: kind, metricsKind: "projections", units: projections.keys.sorted(),
            configuration: leases, logger: logger)
        await withTaskGroup { group in
            group.addTask { await self.watch() }
            await keeper.run { lease in
                guard let projection = self.projections[lease.unit] else { return }
                self.logger.debug(
                    "took over a projection", metadata: ["unit": "\(lease.unit)", "epoch": "\(lease.epoch)"])
                await ProjectionRunner(self, projection, lease).run()
            }
            group.cancelAll()
        }
    }

    func metrics(of projection: AnyProjection) -> ProjectionMetrics {
        metrics[unit(projection.name.rawValue, projection.version)]
            ?? ProjectionMetrics(projection, tenant: store.configuration.tenant)
    }

    /// The unit of work that a projection's lease stands for. A tenant's projection has a checkpoint and events of its own,
    /// and so it is a unit of its own; the tenant comes last, because it may have any characters.
    private static func unit(_ name: String, _ version: Int, _ tenant: String) -> String {
        "projection:\(name):\(version)" + (tenant.isEmpty ? "" : ":\(tenant)")
    }

    private func unit(_ name: String, _ version: Int) -> String {
        Self.unit(name, version, store.configuration.tenant)
    }

    /// Names those who run the same set of projections for the same tenant. Only they share it out evenly: were processes
    /// with other sets counted, as during a deploy, a projection that only some of them know could be left to nobody.
    private var kind: String {
        // FNV-1a: stable between processes, which `Hasher` is not.
        let digest = projections.keys.sorted().joined(separator: "\n").utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return "projections/" + String(digest, radix: 16)
    }

    /// Measures now and then how far the projections are behind the log.
    private func watch() async {
        while !Task.isCancelled {
            do {
                for status in try await store.projections.all() {
                    metrics[unit(status.name, status.version)]?.observed(status)
                }
            } catch {
                logger.debug("the projections' status could not be read", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: configuration.statusInterval)
        }
    }
}

extension ProjectionStatements {
    init(_ store: PostgresEventStore) {
        self.init(schema: store.configuration.schema, tenant: store.configuration.tenant)
    }
}
