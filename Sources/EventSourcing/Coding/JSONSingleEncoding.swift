/// Writes a value that is neither an object nor an array.
struct JSONSingleEncoding: SingleValueEncodingContainer {
    let encoder: JSONValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    private func set(_ value: JSONValue) { encoder.node.content = .value(value) }

    func encodeNil() { set(.null) }
    func encode(_ value: Bool) { set(.bool(value)) }
    func encode(_ value: String) { set(.string(value)) }
    func encode(_ value: Double) throws { set(try encoder.number(value, nil)) }
    func encode(_ value: Float) throws { set(try encoder.number(value, nil)) }
    func encode(_ value: Int) { set(.number(JSONNumber(value))) }
    func encode(_ value: Int8) { set(.number(JSONNumber(value))) }
    func encode(_ value: Int16) { set(.number(JSONNumber(value))) }
    func encode(_ value: Int32) { set(.number(JSONNumber(value))) }
    func encode(_ value: Int64) { set(.number(JSONNumber(value))) }
    func encode(_ value: Int128) { set(.number(JSONNumber(value))) }
    func encode(_ value: UInt) { set(.number(JSONNumber(value))) }
    func encode(_ value: UInt8) { set(.number(JSONNumber(value))) }
    func encode(_ value: UInt16) { set(.number(JSONNumber(value))) }
    func encode(_ value: UInt32) { set(.number(JSONNumber(value))) }
    func encode(_ value: UInt64) { set(.number(JSONNumber(value))) }
    func encode(_ value: UInt128) { set(.number(JSONNumber(value))) }
    func encode<T: Encodable>(_ value: T) throws { set(try encoder.encoded(value, nil)) }
}
