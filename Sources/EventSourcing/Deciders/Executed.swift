/// What came of a command.
public struct Executed<D: Decider>: Sendable {
    /// What the decider said happens. Empty if there was nothing to do, and then nothing was appended.
    public let events: [D.Event]
    /// The state after these events.
    public let state: D.State
    /// The stream.
    public let stream: StreamID
    /// The version of the stream's last event; nil if it has none.
    public let version: StreamVersion?
    /// The position of the stream's last event: wait for it to read your own writes. Nil if it has none.
    public let position: GlobalPosition?
    /// How many times the decider was asked: more than once if other writers were faster.
    public let attempts: Int

    /// Describes what came of a command.
    public init(
        events: [D.Event], state: D.State, stream: StreamID, version: StreamVersion?, position: GlobalPosition?,
        attempts: Int
    ) {
        self.events = events
        self.state = state
        self.stream = stream
        self.version = version
        self.position = position
        self.attempts = attempts
    }
}
