/// Reads the elements of an array, one after the other.
struct JSONUnkeyedDecoding: UnkeyedDecodingContainer {
    let decoder: JSONValueDecoder
    let elements: [JSONValue]
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    init(decoder: JSONValueDecoder, elements: [JSONValue]) {
        self.decoder = decoder
        self.elements = elements
    }

    /// Reads an element and moves on only if that succeeded, as `Decodable` types that try several shapes rely on.
    private mutating func take<T>(_ read: (JSONValueDecoder, JSONValue, JSONKey) throws -> T) throws -> T {
        let key = JSONKey(currentIndex)
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                T.self,
                .init(codingPath: codingPath + [key], debugDescription: "the array has only \(elements.count) elements")
            )
        }
        let value = try read(decoder, elements[currentIndex], key)
        currentIndex += 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, elements[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try take { try $0.bool($1, $2) } }
    mutating func decode(_ type: String.Type) throws -> String { try take { try $0.string($1, $2) } }
    mutating func decode(_ type: Double.Type) throws -> Double { try take { try $0.double($1, $2) } }
    mutating func decode(_ type: Float.Type) throws -> Float { try take { try $0.float($1, $2) } }
    mutating func decode(_ type: Int.Type) throws -> Int { try take { try $0.integer($1, $2) } }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try take { try $0.integer($1, $2) } }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try take { try $0.integer($1, $2) } }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try take { try $0.integer($1, $2) } }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try take { try $0.integer($1, $2) } }
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try take { try $0.integer($1, $2) } }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try take { try $0.integer($1, $2) } }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try take { try $0.integer($1, $2) } }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try take { try $0.integer($1, $2) } }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try take { try $0.integer($1, $2) } }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try take { try $0.integer($1, $2) } }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try take { try $0.integer($1, $2) } }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try take { try $0.decoded(type, $1, $2) }
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested>
    {
        try take { try $0.nested($1, $2).container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try take { try $0.nested($1, $2).unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder { try take { $0.nested($1, $2) } }
}
