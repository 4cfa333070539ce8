/// Puts the name of a case and the data of its values together again, as Swift's own coding of an enum wants them.
struct EventDecoder: Decoder {
    let label: String
    let data: JSONValueDecoder
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// The enum has no case of this stored name.
    struct UnknownCase: Error {}

    init(label: String, data: JSONValue) {
        self.label = label
        self.data = JSONValueDecoder(data)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let key = Key(stringValue: label) else { throw UnknownCase() }
        return KeyedDecodingContainer(CaseDecoding(data: data, key: key))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw EventFlaw.notAnEnum }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw EventFlaw.notAnEnum }
}
