/// Writes the members of an object.
struct JSONKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: JSONValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    private func put(_ value: JSONValue, _ key: Key) { encoder.node.put(.value(value), key.stringValue) }

    func encodeNil(forKey key: Key) { put(.null, key) }
    func encode(_ value: Bool, forKey key: Key) { put(.bool(value), key) }
    func encode(_ value: String, forKey key: Key) { put(.string(value), key) }
    func encode(_ value: Double, forKey key: Key) throws { put(try encoder.number(value, key), key) }
    func encode(_ value: Float, forKey key: Key) throws { put(try encoder.number(value, key), key) }
    func encode(_ value: Int, forKey key: Key) { put(.number(JSONNumber(value)), key) }
    func encode(_ value: Int8, forKey key: Key) { put(.number(JSONNumber(value)), key) }
    func encode(_ value: Int16, forKey key: Key) { put(.number(JSONNumber(value)), key) }
    func encode(_ value: Int32, forKey key: Key) { put(.number(JSONNumber(value)), key) }
    func encode(_ value: Int64, forKey key: Key) { put(.number(JSONNumber(value)), key) }
    func encode(_ value: Int128, forKey key: Key) { put(.number(JSONNumber(value)), key) }
    func encode(_ value: UInt, forKey key: Key) { put(.number(JSONNumber(value)), key) }
    func encode(_ value: UInt8, forKey key: Key) { put(.number(JSONNumber(value)), key) }
    func encode(_ value: UInt16, forKey key: Key) { put(.number(JSONNumber(value)), key) }
    func encode(_ value: UInt32, forKey key: Key) { put(.number(JSONNumber(value)), key) }
    func encode(_ value: UInt64, forKey key: Key) { put(.number(JSONNumber(value)), key) }
    func encode(_ value: UInt128, forKey key: Key) { put(.number(JSONNumber(value)), key) }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        put(try encoder.encoded(value, key), key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { nested(key).unkeyedContainer() }

    func superEncoder() -> any Encoder { nested(JSONKey("super")) }

    func superEncoder(forKey key: Key) -> any Encoder { nested(key) }

    private func nested(_ key: some CodingKey) -> JSONValueEncoder {
        let node = JSONNode()
        encoder.node.put(.node(node), key.stringValue)
        return encoder.nested(node, key)
    }
}
