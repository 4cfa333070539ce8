#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Turns a JSON value into any `Decodable` by the rules of the JSON contract (see `EventCoding`).
struct JSONValueDecoder: Decoder {
    let value: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ value: JSONValue, codingPath: [any CodingKey] = []) {
        self.value = value
        self.codingPath = codingPath
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let object) = value else {
            throw mismatch("an object", [String: JSONValue].self, value, nil)
        }
        return KeyedDecodingContainer(JSONKeyedDecoding(decoder: self, object: object))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch("an array", [JSONValue].self, value, nil) }
        return JSONUnkeyedDecoding(decoder: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { JSONSingleDecoding(decoder: self) }

    func nested(_ value: JSONValue, _ key: any CodingKey) -> JSONValueDecoder {
        JSONValueDecoder(value, codingPath: codingPath + [key])
    }

    /// Reads the value: first the types that the contract has a form for, then what the type does itself.
    func decoded<T: Decodable>(_ type: T.Type) throws -> T {
        if let special = try special(type, value, nil), let result = special as? T { return result }
        return try T(from: self)
    }

    /// Reads a value below this one. A decoder for it is made only for types that read themselves.
    func decoded<T: Decodable>(_ type: T.Type, _ value: JSONValue, _ key: any CodingKey) throws -> T {
        if let special = try special(type, value, key), let result = special as? T { return result }
        return try T(from: nested(value, key))
    }

    private func special(_ type: Any.Type, _ value: JSONValue, _ key: (any CodingKey)?) throws -> Any? {
        if type == String.self { return try string(value, key) }
        if type == Date.self {
            return try parsed("a date like \"2026-01-31T09:30:00.000000Z\"", value, key, JSONDate.date)
        }
        if type == UUID.self { return try parsed("a UUID", value, key, UUID.init(uuidString:)) }
        if type == Decimal.self { return try decimal(value, key) }
        if type == Data.self { return try parsed("base64", value, key) { Data(base64Encoded: $0) } }
        if type == URL.self { return try parsed("a URL", value, key) { URL(string: $0) } }
        if type == JSONValue.self { return value }
        return nil
    }

    /// From a string, as the contract has it, or from a number, as other writers may have it.
    private func decimal(_ value: JSONValue, _ key: (any CodingKey)?) throws -> Decimal {
        if case .number(let number) = value, let decimal = Self.exactDecimal(number.text) { return decimal }
        return try parsed("a decimal in a string", value, key, Self.exactDecimal)
    }

    /// Foundation's own reading stops at the first character it does not know and ignores the rest, and rounds beyond
    /// 38 digits; a stored amount is either read as it stands or not at all.
    private static func exactDecimal(_ text: String) -> Decimal? {
        guard let number = try? JSONText.parse(Array(text.utf8)), case .number(let exact) = number,
            let decimal = Decimal(string: text),
            let again = try? JSONText.parse(Array(decimal.description.utf8)), again == .number(exact)
        else { return nil }
        return decimal
    }

    private func parsed<T>(
        _ what: String, _ value: JSONValue, _ key: (any CodingKey)?, _ parse: (String) -> T?
    ) throws -> T {
        guard case .string(let text) = value, let result = parse(text) else {
            throw mismatch(what, T.self, value, key)
        }
        return result
    }

    // MARK: Scalars

    func bool(_ value: JSONValue, _ key: (any CodingKey)?) throws -> Bool {
        guard case .bool(let bool) = value else { throw mismatch("true or false", Bool.self, value, key) }
        return bool
    }

    func string(_ value: JSONValue, _ key: (any CodingKey)?) throws -> String {
        guard case .string(let string) = value else { throw mismatch("a string", String.self, value, key) }
        return string
    }

    func double(_ value: JSONValue, _ key: (any CodingKey)?) throws -> Double {
        guard case .number(let number) = value, let double = number.double else {
            throw mismatch("a number", Double.self, value, key)
        }
        return double
    }

    func float(_ value: JSONValue, _ key: (any CodingKey)?) throws -> Float {
        guard case .number(let number) = value, let float = Float(number.text), float.isFinite else {
            throw mismatch("a number", Float.self, value, key)
        }
        return float
    }

    func integer<I: FixedWidthInteger>(_ value: JSONValue, _ key: (any CodingKey)?) throws -> I {
        guard case .number(let number) = value, let integer = number.integer(as: I.self) else {
            throw mismatch("an integer that fits \(I.self)", I.self, value, key)
        }
        return integer
    }

    private func mismatch(
        _ wanted: String, _ type: Any.Type, _ value: JSONValue, _ key: (any CodingKey)?
    ) -> DecodingError {
        let path = key.map { codingPath + [$0] } ?? codingPath
        return .typeMismatch(type, .init(codingPath: path, debugDescription: "expected \(wanted), found \(value.kind)"))
    }
}

extension JSONValue {
    /// What it is, in words and without its content: errors leak.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
