/// A bounded part of the log, in order of position.
public struct LogPage: Sendable {
    /// The events, lowest position first.
    public let events: [RecordedEvent]
    /// Where to read on: after the last event of this page, or where the reader stood if it is empty.
    public let cursor: LogCursor
    /// True if there was nothing more to read up to the watermark.
    public let isLast: Bool

    /// Makes a page.
    public init(events: [RecordedEvent], cursor: LogCursor, isLast: Bool) {
        self.events = events
        self.cursor = cursor
        self.isLast = isLast
    }
}
