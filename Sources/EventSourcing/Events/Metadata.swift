/// What is known about an event beside what happened: who caused it, in which conversation, under which trace.
///
/// Stored as one JSON object: `actor`, `causationId`, `correlationId`, `traceparent` and the caller's own values beside
/// them. Metadata takes no part in deciding whether two appends have the same content.
public struct Metadata: Sendable, Hashable {
    /// The conversation that the event belongs to: the same from the first request to the last effect.
    public var correlationID: String?
    /// The message or event that directly caused this one.
    public var causationID: String?
    /// Who did it: a user, a service.
    public var actor: String?
    /// The W3C trace context it was recorded under (`00-…-…-01`).
    public var traceparent: String?
    /// The caller's own values, by name. The four names above are not taken from here.
    public var values: JSONObject

    /// Makes metadata; everything is optional.
    public init(
        correlationID: String? = nil, causationID: String? = nil, actor: String? = nil, traceparent: String? = nil,
        values: JSONObject = JSONObject()
    ) {
        self.correlationID = correlationID
        self.causationID = causationID
        self.actor = actor
        self.traceparent = traceparent
        self.values = values
    }

    /// Reads stored metadata.
    ///
    /// A name of ours that holds something other than a string stays among `values`, so nothing is lost.
    ///
    /// - Throws: `decoding` if it is not a JSON object.
    public init(json: [UInt8]) throws(EventStoreError) {
        self.init()
        if json == Self.empty { return }
        do throws(JSONText.Flaw) {
            guard case .object(let object) = try JSONText.parse(json) else {
                throw JSONText.Flaw(reason: "is not a JSON object")
            }
            self.init(object)
        } catch {
            throw EventStoreError(.decoding, "the metadata of an event \(error.reason)")
        }
    }

    /// The stored form: a canonical JSON object.
    ///
    /// - Throws: `invalidArgument` if it is larger than 64 KiB, deeper than 64 levels or holds a U+0000.
    public func json() throws(EventStoreError) -> [UInt8] {
        if self == Metadata() { return Self.empty }
        let bytes: [UInt8]
        do {
            bytes = try JSONText.write(.object(object))
        } catch {
            throw .invalidArgument("metadata", "the metadata of an event \(error.reason)")
        }
        if bytes.count > EventLimits.metadataBytes {
            throw .invalidArgument(
                "metadata",
                "the metadata of one event may have \(EventLimits.metadataBytes) bytes of JSON; this has \(bytes.count)"
            )
        }
        return bytes
    }

    private static let empty: [UInt8] = [UInt8(ascii: "{"), UInt8(ascii: "}")]

    private init(_ object: JSONObject) {
        self.init(values: object)
        correlationID = take("correlationId")
        causationID = take("causationId")
        actor = take("actor")
        traceparent = take("traceparent")
    }

    /// Takes a name of ours out of the values, if it holds a string.
    private mutating func take(_ name: String) -> String? {
        guard let text = values[name]?.string else { return nil }
        values[name] = nil
        return text
    }

    private var object: JSONObject {
        if values.members.isEmpty {
            let names = [
                ("actor", actor), ("causationId", causationID), ("correlationId", correlationID),
                ("traceparent", traceparent),
            ]
            return JSONObject(
                sorted: names.compactMap { name, value in value.map { JSONObject.Member(name, .string($0)) } })
        }
        var object = values
        if let actor { object["actor"] = .string(actor) }
        if let causationID { object["causationId"] = .string(causationID) }
        if let correlationID { object["correlationId"] = .string(correlationID) }
        if let traceparent { object["traceparent"] = .string(traceparent) }
        return object
    }
}

extension Metadata: Codable {
    /// Reads the stored form.
    public init(from decoder: any Decoder) throws {
        guard case .object(let object) = try JSONValue(from: decoder) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "metadata must be a JSON object"))
        }
        self.init(object)
    }

    /// Writes the stored form.
    public func encode(to encoder: any Encoder) throws { try JSONValue.object(object).encode(to: encoder) }
}
