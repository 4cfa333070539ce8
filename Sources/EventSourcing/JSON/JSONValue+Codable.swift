extension JSONValue: Codable {
    /// Reads any value that a decoder holds. Numbers are kept exactly when the decoder is the event coding's own, and
    /// go through the nearest double otherwise.
    public init(from decoder: any Decoder) throws {
        if let own = decoder as? JSONValueDecoder {
            self = own.value
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .number(JSONNumber(value))
        } else if let value = try? container.decode(Double.self), let number = JSONNumber(value) {
            self = .number(number)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            let members = try container.decode([String: JSONValue].self)
            self = .object(JSONObject(members.map { JSONObject.Member($0.key, $0.value) }))
        }
    }

    /// Writes the value into any encoder. Numbers are kept exactly by the event coding's own, and go through the
    /// nearest double otherwise if they are not integers of 64 bits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .number(let value):
            if let integer = value.integer(as: Int64.self) {
                try container.encode(integer)
            } else {
                try container.encode(value.double)
            }
        case .object(let value):
            try container.encode(
                Dictionary(value.members.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last }))
        }
    }
}
