/// A decision, pure: from a command and what has happened so far it says what happens now.
///
/// ```swift
/// struct Seat: Decider {
///     let initialState = State.free
///     func decide(_ command: Command, in state: State) throws(SeatError) -> [SeatEvent] { … }
///     func evolve(_ state: inout State, with event: SeatEvent) { … }
/// }
/// try await store.execute(.hold(booking, until: noon), by: Seat(), on: "A1")
/// ```
///
/// It knows no database and no clock: what it needs to know stands in the command. It may be asked several times for
/// one command, when another writer was faster.
public protocol Decider<Command>: Sendable {
    /// What it is asked to do.
    associatedtype Command: Sendable
    /// What it remembers of the past to decide.
    associatedtype State: Sendable
    /// What can happen. Its category is that of the streams.
    associatedtype Event: EventSourcing.Event
    /// What it throws to refuse a command. Inferred from `throws(SeatError)`.
    associatedtype Failure: Error = any Error
    /// What names one stream of its category. Default: a string.
    associatedtype ID: StreamKey = String

    /// The state before anything has happened.
    var initialState: State { get }

    /// What happens now: events, none if there is nothing to do.
    ///
    /// - Throws: to refuse the command; nothing is appended then.
    func decide(_ command: Command, in state: State) throws(Failure) -> [Event]

    /// Changes the state by what has happened. Never refuses: it did happen.
    func evolve(_ state: inout State, with event: Event)
}

extension Decider {
    /// The state after the given events, from the beginning or from a given state.
    public func fold(_ events: some Sequence<Event>, from state: State? = nil) -> State {
        var state = state ?? initialState
        for event in events { evolve(&state, with: event) }
        return state
    }

    /// The state after a stored event, through its upcasts.
    ///
    /// - Throws: `unknownEventType` or `decoding`.
    public func evolve(
        _ state: inout State, with recorded: RecordedEvent, coding: EventCoding = EventCoding()
    ) throws(EventStoreError) {
        for event in try coding.decodeEvents(recorded, as: Event.self) { evolve(&state, with: event) }
    }

    /// The stream of an id.
    ///
    /// - Throws: `invalidArgument` if the id makes no good name.
    public func stream(_ id: ID) throws(EventStoreError) -> StreamID { try StreamID(Event.category, id) }
}
