#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Turns any `Encodable` into a JSON value by the rules of the JSON contract (see `EventCoding`).
struct JSONValueEncoder: Encoder {
    let node: JSONNode
    let codingPath: [any CodingKey]
    let depth: Int
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(node: JSONNode = JSONNode(), codingPath: [any CodingKey] = [], depth: Int = 0) {
        self.node = node
        self.codingPath = codingPath
        self.depth = depth
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.beginObject()
        return KeyedEncodingContainer(JSONKeyedEncoding(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.beginArray()
        return JSONUnkeyedEncoding(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { JSONSingleEncoding(encoder: self) }

    func nested(_ node: JSONNode, _ key: any CodingKey) -> JSONValueEncoder {
        JSONValueEncoder(node: node, codingPath: codingPath + [key], depth: depth + 1)
    }

    func number(_ value: Double, _ key: (any CodingKey)?) throws -> JSONValue {
        guard let number = JSONNumber(value) else { throw invalid(value, key, "JSON has no infinity and no NaN") }
        return .number(number)
    }

    func number(_ value: Float, _ key: (any CodingKey)?) throws -> JSONValue {
        guard let number = JSONNumber(value) else { throw invalid(value, key, "JSON has no infinity and no NaN") }
        return .number(number)
    }

    /// The JSON form of any value: first the types that the contract has a form for, then what the type does itself.
    func encoded<T: Encodable>(_ value: T, _ key: (any CodingKey)?) throws -> JSONValue {
        if let special = try special(value, key) { return special }
        return try encodedByItself(value, key)
    }

    /// Compares types before it casts: a cast that fails is much dearer.
    private func special<T: Encodable>(_ value: T, _ key: (any CodingKey)?) throws -> JSONValue? {
        if T.self == String.self, let value = value as? String { return .string(value) }
        if T.self == Date.self, let value = value as? Date {
            guard let text = JSONDate.text(value) else { throw invalid(value, key, JSONDate.rule) }
            return .string(text)
        }
        if T.self == UUID.self, let value = value as? UUID { return .string(value.uuidString.lowercased()) }
        if T.self == Decimal.self, let value = value as? Decimal {
            if value.isNaN { throw invalid(value, key, "this decimal is not a number") }
            return .string(value.description)
        }
        if T.self == Data.self, let value = value as? Data { return .string(value.base64EncodedString()) }
        if T.self == URL.self, let value = value as? URL { return .string(value.absoluteString) }
        if T.self == JSONValue.self, let value = value as? JSONValue { return value }
        return nil
    }

    private func encodedByItself<T: Encodable>(_ value: T, _ key: (any CodingKey)?) throws -> JSONValue {
        if depth > EventLimits.jsonDepth { throw invalid(value, key, JSONText.tooDeep.reason) }
        let node = JSONNode()
        let path = key.map { codingPath + [$0] } ?? codingPath
        try value.encode(to: JSONValueEncoder(node: node, codingPath: path, depth: depth + 1))
        guard let encoded = node.value else { throw invalid(value, key, "\(T.self) encodes to nothing") }
        return encoded
    }

    private func invalid(_ value: Any, _ key: (any CodingKey)?, _ reason: String) -> EncodingError {
        .invalidValue(
            value, .init(codingPath: key.map { codingPath + [$0] } ?? codingPath, debugDescription: reason))
    }
}
