public import Logging
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Holds a fair share of the units of one kind for this process, and runs the work on them.
///
/// ```swift
/// let keeper = LeaseKeeper(client, kind: "lanes", units: ["lane/0", "lane/1"], logger: logger)
/// try await keeper.run { lease in
///     while !lease.isStopping, lease.isValid {
///         // One piece of work, in a transaction that begins with lease_guard(lease.unit, lease.epoch).
///     }
/// }
/// ```
///
/// Several processes run one keeper each for the same units. They share the units out evenly: who has too many hands some
/// on, who has too few takes what is free. When a process dies its leases end by themselves and others take them over; when
/// it shuts down it gives them back. When it is cut off from the database, or paused, its leases end on its own clock
/// before others can have them, and the work is cancelled.
public final class LeaseKeeper: Sendable {
    /// Who owns the leases.
    public let owner: LeaseOwner
    /// The kind of work, which tells who takes part in sharing.
    public let kind: String

    private let client: PostgresClient
    private let statements: LeaseStatements
    private let configuration: Configuration
    private let metrics: LeaseMetrics
    private let logger: Logger
    private let bell = Doorbell()
    private let state: Mutex<LeaseState>
    private let leases: Mutex<[LeaseState.Key: Lease]> = Mutex([:])
    private let stopsSoon = Mutex(false)

    /// A keeper of `units`. Nothing happens before `run`.
    ///
    /// - Parameters:
    ///   - kind: Names the kind of work; all keepers of a kind are to have the same units.
    ///   - metricsKind: What metrics call the kind, as a dimension; by default `kind`. There should be few of them.
    ///   - owner: Who owns the leases; by default a name that no other start of any process has.
    public init(
        _ client: PostgresClient, kind: String, metricsKind: String? = nil, units: [String],
        owner: LeaseOwner = LeaseOwner(), configuration: Configuration = Configuration(), logger: Logger
    ) {
        self.client = client
        self.kind = kind
        self.owner = owner
        precondition(
            configuration.margin < configuration.duration,
            "a lease that is not longer than its margin is never relied on")
        self.configuration = configuration
        self.logger = logger
        metrics = LeaseMetrics(kind: metricsKind ?? kind)
        statements = LeaseStatements(schema: configuration.schema, owner: owner, duration: configuration.duration)
        state = Mutex(LeaseState(units: units, duration: configuration.duration, margin: configuration.margin))
    }

    /// The lease on a unit, if this process holds it and may still rely on it.
    public func lease(_ unit: String) -> Lease? {
        guard let epoch = state.withLock({ $0.epoch(of: unit, now: .now) }) else { return nil }
        return leases.withLock { $0[LeaseState.Key(unit: unit, epoch: epoch)] }
    }

    /// All leases that this process holds and may still rely on.
    public var held: [Lease] {
        leases.withLock { $0.values.filter(\.isValid) }
    }

    /// Keeps leases, and calls `work` for each as long as it is held, until graceful shutdown or cancellation.
    ///
    /// `work` runs in a task of its own for each lease. It is *asked* to stop (``Lease/isStopping``) when the unit is due
    /// to another owner or the process shuts down: it should finish what is in flight and return, and the lease is handed
    /// on then. It is *cancelled* when the lease is lost. Where it returns or throws by itself, the lease is given back
    /// too, and may be taken again a turn later.
    public func run(_ work: @escaping @Sendable (Lease) async throws -> Void) async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled, !isDone {
                    let actions = await turn()
                    for lease in apply(actions) {
                        group.addTask { await self.hold(lease, work) }
                    }
                    metrics.observed(held)
                    if isDone { break }
                    await bell.wait(until: .now + configuration.interval)
                }
            }
        } onGracefulShutdown: {
            self.stopsSoon.withLock { $0 = true }
            self.bell.ring()
        }
        metrics.observed(held)
        await leave()
    }

    private var isDone: Bool {
        stopsSoon.withLock { $0 } && state.withLock { $0.isShuttingDown && $0.isEmpty }
    }

    /// Runs the work of one lease until it ends or the lease is lost.
    private func hold(_ lease: Lease, _ work: @escaping @Sendable (Lease) async throws -> Void) async {
        await withTaskGroup { group in
            group.addTask {
                do {
                    try await work(lease)
                } catch {
                    self.logger.info(
                        "the work under a lease ended with an error",
                        metadata: ["unit": "\(lease.unit)", "epoch": "\(lease.epoch)", "error": "\(error)"])
                }
            }
            group.addTask { await lease.untilLost() }
            await group.next()
            lease.stop()
            group.cancelAll()
        }
        leases.withLock { _ = $0.removeValue(forKey: lease.key) }
        state.withLock { $0.finished(lease.key) }
        bell.ring()
    }

    // MARK: One turn

    /// Renews, gives back, and takes what is due. An error leaves things as they are: leases that cannot be renewed end.
    private func turn() async -> [LeaseState.Action] {
        var actions = state.withLock { $0.expire(now: .now) }
        if stopsSoon.withLock({ $0 }) { actions += state.withLock { $0.shutDown() } }
        do {
            actions += try await renew()
            try await release()
            actions += try await share()
        } catch {
            logger.info(
                "leases could not be looked after; they end unless this succeeds in time",
                metadata: ["kind": "\(kind)", "error": "\(error)"])
            // A shutdown does not wait for a database that is not there.
            state.withLock { $0.giveUpReleasing() }
        }
        return actions
    }

    private func renew() async throws(PostgresError) -> [LeaseState.Action] {
        let asked = state.withLock { $0.toRenew }
        guard !asked.isEmpty else { return [] }
        let sent = ContinuousClock.now
        let rows = try await client.query(statements.renew(asked), deadline: configuration.interval)
        let confirmed = Set(try statements.keys(of: rows))
        return state.withLock { $0.renewed(asked: asked, confirmed: confirmed, sent: sent) }
    }

    private func release() async throws(PostgresError) {
        let keys = Array(state.withLock { $0.toRelease })
        guard !keys.isEmpty else { return }
        try await client.execute(statements.release(keys), deadline: configuration.interval)
        state.withLock { $0.released(keys) }
    }

    private func share() async throws(PostgresError) -> [LeaseState.Action] {
        guard !state.withLock({ $0.isShuttingDown }) else { return [] }
        let joined = try await client.query(statements.join(kind: kind), deadline: configuration.interval).one()
        let (members, place) = try joined.decode(Int32.self, Int32.self)
        let (count, actions) = state.withLock { $0.share(members: Int(members), place: Int(place)) }
        guard count > 0 else { return actions }
        let units = state.withLock { state in state.units.filter { state.held[$0] == nil } }
        let sent = ContinuousClock.now
        let rows = try await client.query(statements.acquire(units, atMost: count), deadline: configuration.interval)
        let keys = try statements.keys(of: rows)
        return actions + state.withLock { $0.acquired(keys, sent: sent, now: .now) }
    }

    /// Tells the leases what has become of them, and returns the new ones.
    private func apply(_ actions: [LeaseState.Action]) -> [Lease] {
        actions.compactMap { action in
            switch action {
            case .gained(let key, let validUntil):
                let lease = Lease(key: key, validUntil: validUntil)
                leases.withLock { $0[key] = lease }
                logger.debug("gained a lease", metadata: ["unit": "\(key.unit)", "epoch": "\(key.epoch)"])
                return lease
            case .renewed(let key, let validUntil):
                leases.withLock { $0[key] }?.renew(until: validUntil)
            case .stop(let key):
                leases.withLock { $0[key] }?.stop()
            case .lost(let key, let loss):
                leases.withLock { $0[key] }?.lose()
                metrics.lost(loss)
                logger.info(
                    "lost a lease", metadata: ["unit": "\(key.unit)", "epoch": "\(key.epoch)", "cause": "\(loss)"])
            }
            return nil
        }
    }

    /// The others need not wait for this owner's membership to end.
    private func leave() async {
        do {
            try await client.execute(statements.leave(kind: kind), deadline: configuration.interval)
        } catch {
            logger.debug("could not leave", metadata: ["kind": "\(kind)", "error": "\(error)"])
        }
    }
}
