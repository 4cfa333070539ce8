/// The state of a stream, and up to where it was folded.
public struct Folded<State: Sendable>: Sendable {
    /// The stream.
    public let stream: StreamID
    /// The state after all its events.
    public let state: State
    /// The version of the last event; nil if there is none.
    public let version: StreamVersion?
    /// The position of the last event; nil if there is none.
    public let position: GlobalPosition?

    /// Describes a state.
    public init(stream: StreamID, state: State, version: StreamVersion?, position: GlobalPosition?) {
        self.stream = stream
        self.state = state
        self.version = version
        self.position = position
    }
}

extension Folded: Equatable where State: Equatable {}
