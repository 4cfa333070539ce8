#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A JSON value of any shape: how input, results and replies are journalled, whatever Swift types the saga has.
///
/// Numbers keep the digits they were written with as far as a 64-bit integer, a 38-digit decimal or a double can carry
/// them.
public enum JSONValue: Sendable, Hashable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// A whole number above what `integer` can carry.
    case unsigned(UInt64)
    /// Any other number, as its decimal digits.
    case decimal(Decimal)
    /// A number beyond the range of `Decimal`.
    case double(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object([String: JSONValue])
}

extension JSONValue: Codable {
    /// Reads any JSON value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .unsigned(value)
        } else if let value = try? container.decode([String: JSONValue].self) {
            self = .object(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else if let value = try? container.decode(Decimal.self), !value.isNaN {
            self = .decimal(value)
        } else {
            self = .double(try container.decode(Double.self))
        }
    }

    /// Writes the value as it is.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .unsigned(let value): try container.encode(value)
        case .decimal(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension JSONValue {
    /// A Swift value as JSON, by the journal's rules: dates in ISO 8601 with milliseconds.
    init(encoding value: some Encodable) throws {
        self = try SagaJSON.decode(JSONValue.self, from: SagaJSON.encode(value))
    }

    /// The JSON as a Swift value.
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try SagaJSON.decode(type, from: SagaJSON.encode(self))
    }
}
