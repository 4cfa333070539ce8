public import EventSourcing
import Postgres
public import PostgresEventStore

/// How far projections have come, whichever process runs them.
///
/// ```swift
/// let result = try await store.execute(.hold(booking, until: deadline), by: Seat(), on: "A1")
/// try await store.projections.wait(for: SeatMap.self, reaching: result.lastPosition)
/// // a query of seat_map shows the seat as held now
/// ```
public struct ProjectionProgress: Sendable {
    private let store: PostgresEventStore
    private let statements: ProjectionStatements

    init(_ store: PostgresEventStore) {
        self.store = store
        statements = ProjectionStatements(store)
    }

    /// Waits until a projection has applied the log up to a position: read your own writes.
    ///
    /// It looks again after 2 ms, then less and less often, at least every 50 ms.
    ///
    /// - Parameters:
    ///   - projection: Which; its current version.
    ///   - position: Such as a command's result names. In a log with several tenants, a position of this tenant's.
    ///   - timeout: How long to wait at most. Default: 5 s.
    /// - Throws: `timedOut` with how far it is; `stopped` at once if it stands still before the position; `unavailable`;
    ///   `cancelled`.
    public func wait<P: Projection>(
        for projection: P.Type, reaching position: GlobalPosition, timeout: Duration = .seconds(5)
    ) async throws(ProjectionError) {
        let deadline = ContinuousClock.now + timeout
        var pause = Duration.milliseconds(2)
        while true {
            let remaining = ContinuousClock.now.duration(to: deadline)
            let (reached, failed, reason) = try await progress(of: projection, within: remaining)
            if reached >= position { return }
            if let failed, failed <= position {
                throw .stopped(P.name, P.version, waitingFor: position, at: reached, failed, reason)
            }
            guard ContinuousClock.now + pause < deadline else {
                throw .timedOut(P.name, P.version, waitingFor: position, at: reached, timeout)
            }
            do {
                try await Task.sleep(for: pause * Double.random(in: 0.75...1))
            } catch {
                throw .cancelled(P.name, P.version, waitingFor: position)
            }
            pause = min(pause * 2, .milliseconds(50))
        }
    }

    /// How far a projection has come: the position of the last event whose effect is in its tables, 0 before the first.
    ///
    /// - Throws: `unavailable` if the database does not answer.
    public func position<P: Projection>(of projection: P.Type) async throws(ProjectionError) -> GlobalPosition {
        try await progress(of: projection, within: store.configuration.statementTimeout).position
    }

    /// Every projection of the tenant that has ever run, by name and version, for operators.
    ///
    /// - Throws: `unavailable` if the database does not answer.
    public func all() async throws(ProjectionError) -> [ProjectionStatus] {
        do throws(PostgresError) {
            var all: [ProjectionStatus] = []
            let rows = try await store.client.query(statements.status, deadline: store.configuration.statementTimeout)
            for row in rows { all.append(try ProjectionStatus(row)) }
            return all
        } catch {
            throw .unavailable(error)
        }
    }

    private func progress<P: Projection>(
        of projection: P.Type, within time: Duration
    ) async throws(ProjectionError) -> (position: GlobalPosition, failed: GlobalPosition?, reason: String?) {
        do throws(PostgresError) {
            let rows = try await store.client.query(
                statements.progress(of: P.name, version: P.version),
                deadline: min(max(time, .milliseconds(100)), store.configuration.statementTimeout))
            let (position, failed, reason) = try rows.one().decode(Int64?.self, Int64?.self, String?.self)
            return (GlobalPosition(position ?? 0), failed.map { GlobalPosition($0) }, reason)
        } catch {
            throw .unavailable(error)
        }
    }
}

extension PostgresEventStore {
    /// How far the projections of this store have come.
    public var projections: ProjectionProgress { ProjectionProgress(self) }
}
