/// An event that is ready to be appended: its type and its data as canonical JSON.
///
/// Made from an `Event` by `EventCoding`, or by hand from JSON that comes from elsewhere. Whatever one can check about
/// a single event is checked here, once: a store takes a `NewEvent` as it is.
public struct NewEvent: Sendable, Hashable {
    /// The stored type, such as `seat.held`.
    public let type: String
    /// The data: canonical JSON (sorted keys, no white space) in UTF-8.
    public let data: [UInt8]
    /// The metadata: a canonical JSON object in UTF-8.
    public let metadataJSON: [UInt8]
    /// What the event can be found by, beside its stream and type.
    public let tags: [String]
    /// The event's id; nil if the store is to make one.
    public let id: EventID?

    /// Takes an event as JSON text, in any layout; it is stored in canonical form.
    ///
    /// - Throws: `invalidArgument` if type, data or tags break a rule or a limit of `EventLimits`: not JSON, deeper
    ///   than 64, larger than 1 MiB, a `\u0000` (which PostgreSQL cannot store), a name twice in one object.
    public init(
        type: String, json data: some Collection<UInt8>, metadata: Metadata = Metadata(), tags: [String] = [],
        id: EventID? = nil
    ) throws(EventStoreError) {
        let bytes = Array(data)
        let canonical: [UInt8]
        do {
            canonical = try JSONText.canonical(bytes)
        } catch {
            throw .invalidArgument("data", "the data of an event of type \"\(type)\" \(error.reason)")
        }
        let metadataJSON = try metadata.json()
        try self.init(type: type, canonical: canonical, metadataJSON: metadataJSON, tags: tags, id: id)
    }

    /// Takes an event as JSON text, in any layout; it is stored in canonical form.
    ///
    /// - Throws: `invalidArgument`, as `init(type:json:metadata:tags:id:)` over bytes does.
    public init(
        type: String, json data: String, metadata: Metadata = Metadata(), tags: [String] = [], id: EventID? = nil
    ) throws(EventStoreError) {
        try self.init(type: type, json: data.utf8, metadata: metadata, tags: tags, id: id)
    }

    /// For data and metadata that are known to be canonical JSON, as the encoder makes it.
    init(
        type: String, canonical data: [UInt8], metadataJSON: [UInt8], tags: [String], id: EventID?
    ) throws(EventStoreError) {
        if let flaw = Self.flaw(type: type, tags: tags) { throw flaw }
        if data.count > EventLimits.dataBytes {
            throw .invalidArgument(
                "data",
                "the data of one event may have \(EventLimits.dataBytes) bytes of JSON; this one, of type \"\(type)\", "
                    + "has \(data.count)")
        }
        self.type = type
        self.data = data
        self.metadataJSON = metadataJSON
        self.tags = tags
        self.id = id
    }

    private static func flaw(type: String, tags: [String]) -> EventStoreError? {
        if let reason = NameRules.flaw(in: type, what: "an event's type", limit: EventLimits.typeBytes) {
            return .invalidArgument("type", reason)
        }
        if tags.count > EventLimits.tagsPerEvent {
            return .invalidArgument(
                "tags",
                "an event may have \(EventLimits.tagsPerEvent) tags; this one, of type \"\(type)\", has \(tags.count)")
        }
        for tag in tags {
            if let reason = NameRules.flaw(in: tag, what: "a tag", limit: EventLimits.tagBytes) {
                return .invalidArgument("tags", reason)
            }
        }
        return nil
    }
}
