public import EventSourcing

/// Begins an example of what a decider decides: the events that have happened.
///
/// ```swift
/// @Test func `a held seat cannot be held again`() {
///     given(Seat(), .held(booking: b1, until: noon)).when(.hold(b2, until: noon)).then(throws: .taken)
/// }
/// ```
public func given<D: Decider>(_ decider: D, _ events: D.Event...) -> Given<D> {
    Given(decider: decider, events: events)
}

/// A decider and what has happened before the command.
public struct Given<D: Decider>: Sendable {
    let decider: D
    let events: [D.Event]

    /// Gives the command. Say with `then` what must come of it.
    public func when(_ command: D.Command) -> Decided<D> {
        let before = decider.fold(events)
        let outcome = Result { () throws(D.Failure) in try decider.decide(command, in: before) }
        return Decided(decider: decider, given: events, before: before, outcome: outcome)
    }
}
