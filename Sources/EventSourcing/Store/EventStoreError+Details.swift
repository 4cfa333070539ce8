extension EventStoreError {
    /// What an error knows beside its code and message. A class, so that the error itself stays small.
    public final class Details: Sendable {
        let conflicts: [VersionConflict]
        let stream: StreamID?
        let argument: String?
        let appendID: AppendID?
        let version: StreamVersion?
        let eventType: String?
        let position: GlobalPosition?
        let underlying: (any Error)?

        /// Gives what is known; see the properties of `EventStoreError` of the same names.
        public init(
            conflicts: [VersionConflict] = [], stream: StreamID? = nil, argument: String? = nil,
            appendID: AppendID? = nil, version: StreamVersion? = nil, eventType: String? = nil,
            position: GlobalPosition? = nil, underlying: (any Error)? = nil
        ) {
            self.conflicts = conflicts
            self.stream = stream
            self.argument = argument
            self.appendID = appendID
            self.version = version
            self.eventType = eventType
            self.position = position
            self.underlying = underlying
        }
    }
}
