/// Writes the elements of an array.
struct JSONUnkeyedEncoding: UnkeyedEncodingContainer {
    let encoder: JSONValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.node.count }

    private func add(_ value: JSONValue) { encoder.node.add(.value(value)) }

    func encodeNil() { add(.null) }
    func encode(_ value: Bool) { add(.bool(value)) }
    func encode(_ value: String) { add(.string(value)) }
    func encode(_ value: Double) throws { add(try encoder.number(value, JSONKey(count))) }
    func encode(_ value: Float) throws { add(try encoder.number(value, JSONKey(count))) }
    func encode(_ value: Int) { add(.number(JSONNumber(value))) }
    func encode(_ value: Int8) { add(.number(JSONNumber(value))) }
    func encode(_ value: Int16) { add(.number(JSONNumber(value))) }
    func encode(_ value: Int32) { add(.number(JSONNumber(value))) }
    func encode(_ value: Int64) { add(.number(JSONNumber(value))) }
    func encode(_ value: Int128) { add(.number(JSONNumber(value))) }
    func encode(_ value: UInt) { add(.number(JSONNumber(value))) }
    func encode(_ value: UInt8) { add(.number(JSONNumber(value))) }
    func encode(_ value: UInt16) { add(.number(JSONNumber(value))) }
    func encode(_ value: UInt32) { add(.number(JSONNumber(value))) }
    func encode(_ value: UInt64) { add(.number(JSONNumber(value))) }
    func encode(_ value: UInt128) { add(.number(JSONNumber(value))) }

    func encode<T: Encodable>(_ value: T) throws { add(try encoder.encoded(value, JSONKey(count))) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        nested().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }

    func superEncoder() -> any Encoder { nested() }

    private func nested() -> JSONValueEncoder {
        let node = JSONNode()
        let key = JSONKey(count)
        encoder.node.add(.node(node))
        return encoder.nested(node, key)
    }
}
