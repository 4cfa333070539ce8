/// The outer container of an enum that Swift decodes: it has one key, the case.
struct CaseDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let data: JSONValueDecoder
    let key: Key
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [key] }

    func contains(_ key: Key) -> Bool { key.stringValue == self.key.stringValue }
    func decodeNil(forKey key: Key) throws -> Bool { throw notAnEnum }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { throw notAnEnum }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        guard CaseShape(type) == .unlabelled else { return try data.container(keyedBy: type) }
        return KeyedDecodingContainer(UnlabelledDecoding(data: data))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw notAnEnum }
    func superDecoder() throws -> any Decoder { throw notAnEnum }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw notAnEnum }

    private var notAnEnum: DecodingError {
        .dataCorruptedError(forKey: key, in: self, debugDescription: EventFlaw.notAnEnum.reason)
    }
}

/// The values of a case whose only value has no label: the data itself.
struct UnlabelledDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let data: JSONValueDecoder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { Key(stringValue: "_0").map { [$0] } ?? [] }

    func contains(_ key: Key) -> Bool { key.stringValue == "_0" }
    func decodeNil(forKey key: Key) -> Bool { data.value == .null }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        guard contains(key) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: EventFlaw.mixed.reason)
        }
        return try data.decoded(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try data.container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try data.unkeyedContainer() }
    func superDecoder() throws -> any Decoder { data }
    func superDecoder(forKey key: Key) throws -> any Decoder { data }
}
