#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// An event as it stands in the log, not yet decoded.
///
/// Data and metadata stay bytes until somebody asks, so that reading much of the log and using little of it is cheap.
public struct RecordedEvent: Sendable, Hashable {
    /// The generation of the log that it was read from.
    public let generation: LogGeneration
    /// Its place in the whole log.
    public let position: GlobalPosition
    /// Its stream.
    public let stream: StreamID
    /// Its place in the stream.
    public let version: StreamVersion
    /// Its stored type, such as `seat.held`.
    public let type: String
    /// Its data as JSON in UTF-8. Equal as JSON to what was appended; a store may lay the text out in its own way.
    public let data: [UInt8]
    /// Its metadata as a JSON object in UTF-8; see `metadata`.
    public let metadataJSON: [UInt8]
    /// What it can be found by, beside its stream and type.
    public let tags: [String]
    /// Its id.
    public let id: EventID
    /// When it was appended, by the store's clock. Not an order: use `position` for that.
    public let recordedAt: Date

    /// Describes a stored event. For stores.
    public init(
        generation: LogGeneration = .first, position: GlobalPosition, stream: StreamID, version: StreamVersion,
        type: String,
        data: [UInt8], metadataJSON: [UInt8], tags: [String], id: EventID, recordedAt: Date
    ) {
        self.generation = generation
        self.position = position
        self.stream = stream
        self.version = version
        self.type = type
        self.data = data
        self.metadataJSON = metadataJSON
        self.tags = tags
        self.id = id
        self.recordedAt = recordedAt
    }

    /// Where a reader stands that has read this event: what to keep, and to follow the log from.
    public var cursor: LogCursor { LogCursor(generation: generation, position: position) }

    /// Its metadata, decoded at each call.
    ///
    /// - Throws: `decoding` if the store gave something that is not a JSON object.
    public var metadata: Metadata {
        get throws(EventStoreError) { try Metadata(json: metadataJSON) }
    }
}
