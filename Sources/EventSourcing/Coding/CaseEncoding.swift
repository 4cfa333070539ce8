/// The outer container of an enum that Swift encodes: it only ever asks for one nested container, named by the case.
struct CaseEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: EventEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: Bool, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: String, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: Double, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: Float, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: Int, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: Int8, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: Int16, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: Int32, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: Int64, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: Int128, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: UInt, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: UInt8, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: UInt16, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: UInt32, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: UInt64, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }
    func encode(_ value: UInt128, forKey key: Key) throws { try encoder.refuse(.notAnEnum, key) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder.beginCase(key, keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.notAnEnum().unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder.notAnEnum() }
    func superEncoder(forKey key: Key) -> any Encoder { encoder.notAnEnum() }
}
