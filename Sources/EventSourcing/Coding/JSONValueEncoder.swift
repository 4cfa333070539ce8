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
        switch value {
        case let value as String: return .string(value)
        case let value as Date:
            guard let text = JSONDate.text(value) else { throw invalid(value, key, JSONDate.rule) }
            return .string(text)
        case let value as UUID: return .string(value.uuidString.lowercased())
        case let value as Decimal:
            if value.isNaN { throw invalid(value, key, "this decimal is not a number") }
            return .string(value.description)
        case let value as Data: return .string(value.base64EncodedString())
        case let value as URL: return .string(value.absoluteString)
        case let value as JSONValue: return value
        default: return try encodedByItself(value, key)
        }
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
