/// Turns events into their stored form and back.
///
/// The JSON contract, which is for ever:
/// - The type is the category, a dot and the case's stored label; the data is the object of the case's values, or its
///   only value if that has no label, or `{}`.
/// - Names are sorted by their bytes; no white space; slashes and non-ASCII characters are not escaped.
/// - `Date`: ISO 8601 in UTC with six digits, `2026-01-31T09:30:00.250000Z`. Finer fractions are rounded to
///   microseconds.
/// - `Decimal`: a string, `"12.5"`. `Data`: base64. `UUID`: lower case. `URL`: as it is.
/// - Integers and floating-point numbers are numbers; infinity and NaN are refused, and -0.0 becomes 0.
/// - A nil value of a case is left out. At most 64 levels and 1 MiB; U+0000 is refused.
///
/// Readers take more than writers give: dates with another precision or offset, decimals as numbers, names in any
/// order.
public struct EventCoding: Sendable {
    /// What to do with stored types that the enum does not know.
    public var unknownEvents: UnknownEventPolicy

    /// Makes a coding.
    public init(unknownEvents: UnknownEventPolicy = .fail) {
        self.unknownEvents = unknownEvents
    }

    /// Encodes one event.
    ///
    /// - Throws: `encoding` if its shape or a value cannot be written; `invalidArgument` if it breaks a limit.
    public func encode<E: Event>(
        _ event: E, metadata: Metadata = Metadata(), id: EventID? = nil
    ) throws(EventStoreError) -> NewEvent {
        try encode(event, metadataJSON: metadata.json(), id: id)
    }

    /// Encodes events that share their metadata.
    ///
    /// - Throws: `encoding` if a shape or a value cannot be written; `invalidArgument` if one breaks a limit.
    public func encode<E: Event>(
        _ events: [E], metadata: Metadata = Metadata()
    ) throws(EventStoreError) -> [NewEvent] {
        let metadataJSON = try metadata.json()
        var encoded: [NewEvent] = []
        encoded.reserveCapacity(events.count)
        for event in events { encoded.append(try encode(event, metadataJSON: metadataJSON, id: nil)) }
        return encoded
    }

    private func encode<E: Event>(
        _ event: E, metadataJSON: [UInt8], id: EventID?
    ) throws(EventStoreError) -> NewEvent {
        let type: String
        let data: [UInt8]
        do {
            switch try EventEncoder.split(event) {
            case .split(let label, let value):
                type = "\(E.category).\(label)"
                data = try JSONText.write(value, reserving: 256)
            case .raw(let raw):
                type = raw.type
                data = try JSONText.write(raw.data, reserving: 256)
            }
        } catch {
            throw .encoding(E.self, error)
        }
        return try NewEvent(type: type, canonical: data, metadataJSON: metadataJSON, tags: event.tags, id: id)
    }
}
