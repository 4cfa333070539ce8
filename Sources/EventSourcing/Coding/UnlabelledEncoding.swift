/// Takes the values of a case that has a value without a label: there may be that one only, and it is the data itself.
struct UnlabelledEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: EventEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) throws { try encoder.refuse(.nothing, key) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try encoder.takeData(value, key) }

    // A nil is passed over by the default of each of these, so they are all spelled out.
    func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: Bool, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: String, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: Double, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: Float, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: Int, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: Int8, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: Int16, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: Int32, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: Int64, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: Int128, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: UInt, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: UInt8, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: UInt16, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: UInt32, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: UInt64, forKey key: Key) throws { try take(value, key) }
    func encode(_ value: UInt128, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: String?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: Int128?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try take(value, key) }
    func encodeIfPresent(_ value: UInt128?, forKey key: Key) throws { try take(value, key) }

    private func take<T: Encodable>(_ value: T?, _ key: Key) throws {
        if let value { try encoder.takeData(value, key) } else { try encoder.refuse(.nothing, key) }
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder.notAnEnum().container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.notAnEnum().unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder.notAnEnum() }
    func superEncoder(forKey key: Key) -> any Encoder { encoder.notAnEnum() }
}
