import EventSourcing
import Postgres

/// A projection as its worker sees it: stored events in, statements out.
struct AnyProjection: Sendable {
    let name: ProjectionName
    let version: Int
    private let category: StreamCategory
    private let statements: @Sendable (RecordedEvent) throws -> [SQL]

    init<P: SQLProjection>(_ projection: P, coding: EventCoding) {
        name = P.name
        version = P.version
        category = P.Event.category
        statements = { stored in
            try coding.decode(stored, as: P.Event.self).flatMap { try projection.project($0) }
        }
    }

    /// The statements for an event; none for a kind that the projection is not about.
    func project(_ event: RecordedEvent) throws -> [SQL] {
        guard event.stream.category == category else { return [] }
        return try statements(event)
    }
}
