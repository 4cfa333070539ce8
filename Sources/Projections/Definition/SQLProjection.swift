public import EventSourcing
public import Postgres

/// A read model in tables, kept up to date from one kind of event. For several kinds see ``Projection``.
///
/// ```swift
/// struct SeatMap: SQLProjection {
///     static let name: ProjectionName = "seat-map"
///     let seats = Table("seat_map")
///     func project(_ seat: Recorded<SeatEvent>) -> [SQL] {
///         switch seat.event {
///         case .held(let booking, let until):
///             "insert into \(seats) (seat, booking, held_until) values (\(seat.stream.key), \(booking), \(until))"
///         case .released:
///             "delete from \(seats) where seat = \(seat.stream.key)"
///         }
///     }
/// }
/// ```
///
/// The handler is pure: it says what is to be done, and the worker does it, a batch of events and the checkpoint in one
/// transaction. So each event has its effect exactly once, and the statements may be written as if nothing ever failed.
public protocol SQLProjection<Event>: Projection {
    /// The kind of event that it is about.
    associatedtype Event: EventSourcing.Event

    /// The statements that one event leads to. Throwing stops the projection at this event.
    @SQLBuilder func project(_ event: Recorded<Event>) throws -> [SQL]
}

extension SQLProjection {
    /// One: `project`, for its kind of event.
    public var handlers: Handlers {
        [On(Event.self) { event in try project(event) }]
    }
}
