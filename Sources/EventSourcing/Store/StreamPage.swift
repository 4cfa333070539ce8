/// A bounded part of one stream.
public struct StreamPage: Sendable {
    /// The events, in the direction they were asked for.
    public let events: [RecordedEvent]
    /// True if there was nothing more to read in that direction.
    public let isLast: Bool

    /// Makes a page.
    public init(events: [RecordedEvent], isLast: Bool) {
        self.events = events
        self.isLast = isLast
    }
}
