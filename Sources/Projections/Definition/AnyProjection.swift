package import EventSourcing
package import Postgres

/// A projection as its worker sees it: stored events in, steps out.
package struct AnyProjection: Sendable {
    let name: ProjectionName
    let version: Int
    private let handlers: [On]
    private let coding: EventCoding

    package init(_ projection: some Projection, coding: EventCoding) {
        name = type(of: projection).name
        version = type(of: projection).version
        handlers = projection.handlers
        self.coding = coding
    }

    /// What an event leads to; nothing for a kind that the projection is not about.
    func steps(for event: RecordedEvent) throws -> [ProjectionStep] {
        try handlers.flatMap { handler in
            handler.category == event.stream.category ? try handler.steps(event, coding) : []
        }
    }

    /// The statements that an event leads to, for tests of projections that only list statements.
    package func statements(for event: RecordedEvent) throws -> [SQL]? {
        var statements: [SQL] = []
        for step in try steps(for: event) {
            guard case .statement(let sql) = step else { return nil }
            statements.append(sql)
        }
        return statements
    }

    /// Does what an event leads to, in a transaction of the caller's.
    package func apply(_ event: RecordedEvent, in transaction: PostgresTransaction) async throws {
        for step in try steps(for: event) {
            switch step {
            case .statement(let sql): try await transaction.execute(sql)
            case .work(let work): try await work(transaction)
            }
        }
    }
}
