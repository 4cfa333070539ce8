public import EventSourcing
public import Postgres

/// What a ``Projection`` does with one kind of event.
public struct On: Sendable {
    let category: StreamCategory
    let steps: @Sendable (RecordedEvent, EventCoding) throws -> [ProjectionStep]

    /// Lists the statements that an event leads to. Throwing stops the projection at this event.
    public init<E: Event>(
        _ type: E.Type, @SQLBuilder statements: @escaping @Sendable (_ event: Recorded<E>) throws -> [SQL]
    ) {
        category = E.category
        steps = { stored, coding in
            try coding.decode(stored, as: E.self).flatMap { event in
                try statements(event).map { .statement($0) }
            }
        }
    }

    /// Works in the transaction that applies the event, where it must read or branch. It costs a round trip for each
    /// statement, so prefer to list statements.
    ///
    /// `apply` is run again when the transaction has to be repeated, so it must have no other effect than through it.
    public init<E: Event>(
        _ type: E.Type,
        with apply: @escaping @Sendable (_ event: Recorded<E>, _ transaction: PostgresTransaction) async throws -> Void
    ) {
        category = E.category
        steps = { stored, coding in
            try coding.decode(stored, as: E.self).map { event in
                .work { transaction in try await apply(event, transaction) }
            }
        }
    }
}

/// One thing to do for an event.
enum ProjectionStep: Sendable {
    case statement(SQL)
    case work(@Sendable (PostgresTransaction) async throws -> Void)
}
