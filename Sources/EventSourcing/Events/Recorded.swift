#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A stored event, decoded: the event itself and where and when it was recorded.
public struct Recorded<E: Event>: Sendable {
    /// The event.
    public let event: E
    /// Its metadata.
    public let metadata: Metadata
    /// The stored form it was decoded from.
    public let source: RecordedEvent

    /// Puts an event together with its stored form.
    public init(_ event: E, metadata: Metadata, source: RecordedEvent) {
        self.event = event
        self.metadata = metadata
        self.source = source
    }

    /// Its stream.
    public var stream: StreamID { source.stream }
    /// Its place in the stream.
    public var version: StreamVersion { source.version }
    /// Its place in the whole log.
    public var position: GlobalPosition { source.position }
    /// Where a reader stands that has read this event.
    public var cursor: LogCursor { source.cursor }
    /// Its id. Events that an upcast made from one stored event share it.
    public var id: EventID { source.id }
    /// When it was appended, by the store's clock.
    public var recordedAt: Date { source.recordedAt }
}

extension Recorded: Equatable where E: Equatable {}
extension Recorded: Hashable where E: Hashable {}
