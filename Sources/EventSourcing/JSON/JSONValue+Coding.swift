/// For the other targets of this package that keep Swift values as JSON beside the log: the saga journal does. The
/// rules are those of `EventCoding`, so one contract holds for everything that is stored.
extension JSONValue {
    /// A Swift value as JSON.
    ///
    /// - Throws: `EncodingError` if the contract has no form for it.
    package init(encoding value: some Encodable) throws {
        self = try JSONValueEncoder().encoded(value, nil)
    }

    /// The JSON as a Swift value.
    ///
    /// - Throws: `DecodingError` if it does not have the type's form. It names places, never values.
    package func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONValueDecoder(self).decoded(type)
    }

    /// Reads JSON text.
    ///
    /// - Throws: `invalidArgument` if it is not JSON.
    package init(json: [UInt8]) throws(EventStoreError) {
        do {
            self = try JSONText.parse(json)
        } catch {
            throw .invalidArgument("json", "the text \(error.reason)")
        }
    }

    /// The value as canonical JSON text.
    ///
    /// - Throws: `invalidArgument` if it is nested more than 64 levels deep or holds a U+0000.
    package func json() throws(EventStoreError) -> [UInt8] {
        do {
            return try JSONText.write(self)
        } catch {
            throw .invalidArgument("json", "the value \(error.reason)")
        }
    }
}

extension EventCoding {
    /// Decodes an event from its stored type and data. For readers that have no `RecordedEvent`.
    ///
    /// - Throws: `EventStoreError`, or `DecodingError`.
    package func decode<E: Event>(_ type: E.Type = E.self, stored: String, data: JSONValue) throws -> E {
        let prefix = "\(E.category)."
        guard stored.hasPrefix(prefix) else {
            throw EventStoreError.invalidArgument("type", "\"\(stored)\" is not a type of category \"\(E.category)\"")
        }
        return try E(from: EventDecoder(label: String(stored.dropFirst(prefix.count)), data: data))
    }
}
