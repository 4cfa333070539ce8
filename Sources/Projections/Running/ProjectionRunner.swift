import EventSourcing
import Logging
import Postgres
import PostgresEventStore

/// Runs one projection under its lease: the shell around `ProjectionState`.
struct ProjectionRunner: Sendable {
    let store: PostgresEventStore
    let projection: AnyProjection
    let lease: Lease
    let statements: ProjectionStatements
    let configuration: ProjectionWorker.Configuration
    let metrics: ProjectionMetrics
    let logger: Logger
    /// Rung when the lease is to be given up.
    private let bell = Doorbell()

    init(_ worker: ProjectionWorker, _ projection: AnyProjection, _ lease: Lease) {
        store = worker.store
        self.projection = projection
        self.lease = lease
        statements = worker.statements
        configuration = worker.configuration
        metrics = worker.metrics(of: projection)
        var logger = worker.logger
        logger[metadataKey: "projection"] = "\(projection.name)"
        logger[metadataKey: "version"] = "\(projection.version)"
        self.logger = logger
    }

    private var isWanted: Bool { lease.isValid && !lease.isStopping && !Task.isCancelled }

    /// Works until the lease is to be given up or is lost, or the projection has stood still for a while.
    func run() async {
        lease.whenStopping { bell.ring() }
        var state = ProjectionState(limits: configuration.limits)
        while isWanted {
            let action = state.next(now: .now)
            if action == .giveBack { return }
            do {
                try await perform(action, &state)
            } catch {
                guard failed(error, &state) else { return }
            }
        }
    }

    private func perform(_ action: ProjectionState.Action, _ state: inout ProjectionState) async throws {
        switch action {
        case .load: state.loaded(try await load())
        case .read(let cursor, let limit): state.read(try await store.readLogPage(after: cursor, limit: limit))
        case .apply(let events, let cursor): state.applied(try await apply(events, after: cursor))
        case .waitForEvents(let cursor):
            await wait(after: cursor)
            state.woken()
        case .pause(let instant): await bell.wait(until: instant)
        case .report(let stop):
            try await report(stop)
            state.reported(now: .now)
        case .giveBack: break
        }
    }

    /// The checkpoint, as a cursor of the log as it is now: the two are restored together.
    private func load() async throws -> LogCursor {
        let generation = try await store.logState().generation
        let rows = try await store.client.query(
            statements.checkpoint(of: projection.name, version: projection.version),
            deadline: configuration.statementTimeout)
        return LogCursor(generation: generation, position: GlobalPosition(try rows.one()[0].decode(Int64.self)))
    }

    private func wait(after cursor: LogCursor) async {
        await withTaskGroup { group in
            group.addTask {
                do {
                    try await store.waitForEvents(after: cursor)
                } catch {
                    // Reading will say what is wrong. It is not to be asked again and again.
                    try? await Task.sleep(for: store.configuration.pollInterval)
                }
            }
            group.addTask { await bell.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    private func report(_ stop: ProjectionState.Stop) async throws {
        logger.info(
            "a projection has stopped at an event that it cannot apply",
            metadata: ["position": "\(stop.position)", "type": "\(stop.type)", "reason": "\(stop.reason)"])
        try await store.client.execute(
            statements.failed(projection.name, version: projection.version, stop, lease: lease),
            deadline: configuration.statementTimeout)
    }

    /// Tells the state of a failure; false when the lease is lost and the work is over.
    private func failed(_ error: any Error, _ state: inout ProjectionState) -> Bool {
        let batch = error as? BatchError
        let cause = batch?.underlying ?? error
        metrics.failed()
        logger.debug("a projection's step has failed", metadata: ["error": "\(String(reflecting: cause))"])
        switch ProjectionFailure(cause, isBatch: batch != nil) {
        case .leaseLost: return false
        case .other(let failure):
            state.failed(failure, count: batch?.count ?? 0, now: .now, random: .random(in: 0...1))
            return true
        }
    }
}

// MARK: Applying

extension ProjectionRunner {
    /// Applying the first `count` events has failed.
    private struct BatchError: Error {
        let count: Int
        let underlying: any Error
    }

    /// Applies events from the first on and raises the checkpoint, in one transaction. Returns how many.
    private func apply(_ events: ArraySlice<RecordedEvent>, after cursor: LogCursor) async throws -> Int {
        let (steps, count) = try steps(for: events)
        guard let last = events.prefix(count).last else { return 0 }
        let advance = statements.advance(
            projection.name, version: projection.version, from: cursor.position, to: last.position, lease: lease)
        let began = ContinuousClock.now
        do {
            try await commit([.statement(advance)] + steps)
        } catch {
            throw BatchError(count: count, underlying: error)
        }
        metrics.applied(count, took: .now - began)
        return count
    }

    /// What the events lead to, up to the limit of statements, and up to one that leads to an error: that one comes alone.
    private func steps(for events: ArraySlice<RecordedEvent>) throws -> ([ProjectionStep], count: Int) {
        var steps: [ProjectionStep] = []
        var count = 0
        for event in events where steps.count < configuration.maximumStatements {
            do {
                steps += try projection.steps(for: event)
            } catch {
                if count == 0 { throw BatchError(count: 1, underlying: error) }
                break
            }
            count += 1
        }
        return (steps, count)
    }

    /// One round trip where all are statements.
    private func commit(_ steps: [ProjectionStep]) async throws {
        let listed = steps.compactMap(\.listed)
        if listed.count == steps.count {
            try await store.client.batch(listed, deadline: configuration.statementTimeout)
            return
        }
        // A paused process must not keep the others from taking over for longer than its lease: the open transaction holds
        // the guard's lock.
        let patience = "\(Int64(configuration.leases.duration.inSeconds * 500))ms"
        try await store.client.withTransaction { transaction in
            var listed: [SQL] = ["select set_config('idle_in_transaction_session_timeout', \(patience), true)"]
            for step in steps {
                switch step {
                case .statement(let sql): listed.append(sql)
                case .work(let work):
                    try await transaction.pipeline(listed, deadline: configuration.statementTimeout)
                    listed = []
                    try await work(transaction)
                }
            }
            try await transaction.pipeline(listed, deadline: configuration.statementTimeout)
        }
    }
}

extension ProjectionStep {
    fileprivate var listed: SQL? {
        guard case .statement(let sql) = self else { return nil }
        return sql
    }
}
