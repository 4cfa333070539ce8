/// Where the events of one append to one stream were put.
public struct AppendResult: Sendable, Hashable {
    /// The stream.
    public let stream: StreamID
    /// The version of the first event that was appended.
    public let firstVersion: StreamVersion
    /// The version of the last event that was appended.
    public let lastVersion: StreamVersion
    /// The position of the last event that was appended. Wait for it to read your own writes.
    public let lastPosition: GlobalPosition
    /// True if the append id had been used before with this content: this is the first call's result, nothing was
    /// appended.
    public let wasReplayed: Bool

    /// Describes a result.
    public init(
        stream: StreamID, firstVersion: StreamVersion, lastVersion: StreamVersion, lastPosition: GlobalPosition,
        wasReplayed: Bool
    ) {
        self.stream = stream
        self.firstVersion = firstVersion
        self.lastVersion = lastVersion
        self.lastPosition = lastPosition
        self.wasReplayed = wasReplayed
    }
}
