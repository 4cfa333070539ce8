extension EventCoding {
    /// Decodes a stored event, through its upcasts.
    ///
    /// One event as a rule; none if an unknown one is skipped or an upcast gives none; several if an upcast gives
    /// several.
    ///
    /// - Throws: `unknownEventType` or `decoding`, each naming stream, version and type.
    public func decode<E: Event>(
        _ recorded: RecordedEvent, as type: E.Type = E.self
    ) throws(EventStoreError) -> [Recorded<E>] {
        let events = try decodeEvents(recorded, as: type)
        if events.isEmpty { return [] }
        let metadata: Metadata
        do {
            metadata = try recorded.metadata
        } catch {
            throw .decoding(recorded, as: type, error)
        }
        return events.map { Recorded($0, metadata: metadata, source: recorded) }
    }

    /// Decodes a stored event without what stands around it. For folding, which needs no more.
    ///
    /// - Throws: as `decode` does.
    public func decodeEvents<E: Event>(
        _ recorded: RecordedEvent, as type: E.Type = E.self
    ) throws(EventStoreError) -> [E] {
        guard let label = Self.label(of: recorded.type, in: E.category) else {
            return try handleUnknown(recorded, as: type)
        }
        do {
            let data = try JSONText.parse(recorded.data)
            return try Self.read(label, data)
        } catch is EventDecoder.UnknownCase {
            return try handleUnknown(recorded, as: type)
        } catch {
            throw .decoding(recorded, as: type, error)
        }
    }

    private static func read<E: Event>(_ stored: String, _ data: JSONValue) throws -> [E] {
        var label = stored
        let upcasts = E.upcasts
        // Each upcast is followed at most once, so that two names renamed to each other cannot go round for ever.
        for _ in upcasts {
            guard let upcast = upcasts.first(where: { $0.label == label }) else { break }
            switch upcast.action {
            case .rename(let newLabel): label = newLabel
            case .convert(let convert): return try convert(JSONValueDecoder(data))
            }
        }
        return [try E(from: EventDecoder(label: label, data: data))]
    }

    /// What follows the category and the dot; nil if the type is of another category.
    static func label(of type: String, in category: StreamCategory) -> String? {
        let category = category.name.utf8
        let rest = type.utf8.dropFirst(category.count)
        guard type.utf8.starts(with: category), rest.first == UInt8(ascii: ".") else { return nil }
        return String(rest.dropFirst())
    }

    private func handleUnknown<E: Event>(
        _ recorded: RecordedEvent, as type: E.Type
    ) throws(EventStoreError) -> [E] {
        switch unknownEvents {
        case .fail: break
        case .skip(let notify):
            notify(recorded)
            return []
        case .keep:
            let data: JSONValue
            do {
                data = try JSONText.parse(recorded.data)
            } catch {
                throw .decoding(recorded, as: type, error)
            }
            if let event = E.unknown(RawEvent(type: recorded.type, data: data)) { return [event] }
        }
        throw .unknownEventType(recorded, as: type)
    }
}
