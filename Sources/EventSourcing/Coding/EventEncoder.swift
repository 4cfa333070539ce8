/// Splits an event enum into the name of its case and the data of its values.
///
/// Swift encodes an enum as `{"held":{"booking":…}}`, and one value without a label as `{"moved":{"_0":…}}`. This
/// encoder takes the outer name for itself, and what is inside it for the data.
final class EventEncoder: Encoder {
    private var label: String?
    private var data: JSONValueEncoder?
    private var unlabelled: JSONValue?
    private var raw: RawEvent?
    private var flaw: EventFlaw?

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// The label and the data of an event, or the raw event that a case keeps.
    static func split(_ event: some Event) throws -> Parts {
        let encoder = EventEncoder()
        try event.encode(to: encoder)
        if let flaw = encoder.flaw { throw flaw }
        if let raw = encoder.raw { return .raw(raw) }
        guard let label = encoder.label else { throw EventFlaw.notAnEnum }
        if let unlabelled = encoder.unlabelled { return .split(label: label, data: unlabelled) }
        guard let data = encoder.data?.node.value else { throw EventFlaw.nothing }
        return .split(label: label, data: data)
    }

    enum Parts {
        case split(label: String, data: JSONValue)
        case raw(RawEvent)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(CaseEncoding(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { notAnEnum().unkeyedContainer() }

    func singleValueContainer() -> any SingleValueEncodingContainer { notAnEnum().singleValueContainer() }

    // MARK: For the containers

    func beginCase<Key: CodingKey>(_ key: some CodingKey, keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if label != nil { return notAnEnum().container(keyedBy: type) }
        label = key.stringValue
        switch CaseShape(type) {
        case .labelled:
            let data = JSONValueEncoder()
            self.data = data
            return data.container(keyedBy: type)
        case .unlabelled:
            break
        case .mixed:
            flaw = flaw ?? .mixed
        }
        return KeyedEncodingContainer(UnlabelledEncoding(encoder: self))
    }

    func takeData<T: Encodable>(_ value: T, _ key: some CodingKey) throws {
        guard key.stringValue == "_0", unlabelled == nil, raw == nil else { return try refuse(.mixed, key) }
        if let value = value as? RawEvent {
            raw = value
        } else {
            unlabelled = try JSONValueEncoder().encoded(value, nil)
        }
    }

    func refuse(_ flaw: EventFlaw, _ key: some CodingKey) throws {
        // A lone nil is noted and not thrown: if another value follows, the mixture is what to tell about.
        if flaw == .nothing && key.stringValue == "_0" {
            self.flaw = self.flaw ?? flaw
            return
        }
        throw flaw == .nothing ? .mixed : flaw
    }

    /// Notes the flaw, because the functions that make containers cannot throw, and gives an encoder that leads
    /// nowhere.
    func notAnEnum() -> JSONValueEncoder {
        flaw = flaw ?? .notAnEnum
        return JSONValueEncoder()
    }
}
