extension EventStoreError {
    /// An event that cannot be written.
    static func encoding(_ type: (some Event).Type, _ cause: any Error) -> EventStoreError {
        EventStoreError(
            .encoding, "an event of \(type) cannot be stored: it \(words(cause))", details: Details(underlying: cause))
    }

    /// A stored event that cannot be read.
    static func decoding(_ event: RecordedEvent, as type: (some Event).Type, _ cause: any Error) -> EventStoreError {
        EventStoreError(
            .decoding,
            "the event \"\(event.type)\" at version \(event.version) of stream \"\(event.stream)\" cannot be read as "
                + "\(type): it \(words(cause)). Add an upcast for its stored form",
            details: Details(
                stream: event.stream, version: event.version, eventType: event.type, position: event.position,
                underlying: cause))
    }

    /// A stored event whose type the enum does not know.
    static func unknownEventType(_ event: RecordedEvent, as type: (some Event).Type) -> EventStoreError {
        EventStoreError(
            .unknownEventType,
            "the event \"\(event.type)\" at version \(event.version) of stream \"\(event.stream)\" has no case "
                + "in \(type). Add the case, an upcast, or choose an UnknownEventPolicy",
            details: Details(
                stream: event.stream, version: event.version, eventType: event.type, position: event.position))
    }

    /// The end of a sentence that begins with what is wrong.
    private static func words(_ cause: any Error) -> String {
        switch cause {
        case let flaw as EventFlaw: flaw.reason
        case let flaw as JSONText.Flaw: flaw.reason
        case let error as EncodingError: words(error)
        case let error as DecodingError: words(error)
        case let error as EventStoreError: "has a flaw: \(error.message)"
        default: "failed with \(cause)"
        }
    }

    private static func words(_ error: EncodingError) -> String {
        guard case .invalidValue(_, let context) = error else { return "failed with \(error)" }
        return "has a value\(place(context.codingPath)) that cannot be written: \(context.debugDescription)"
    }

    private static func words(_ error: DecodingError) -> String {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "has a value\(place(context.codingPath)) that does not fit: \(context.debugDescription)"
        case .keyNotFound(let key, let context):
            "lacks the value \"\((context.codingPath + [key]).map(\.stringValue).joined(separator: "."))\""
        @unknown default: "failed with \(error)"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "" : " at \"\(path.map(\.stringValue).joined(separator: "."))\""
    }
}
