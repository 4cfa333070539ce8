/// Writes canonical JSON: names sorted by their bytes, no white space, slashes and non-ASCII characters as they are.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var depth = 0

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func write(_ value: JSONValue) throws(JSONText.Flaw) {
        switch value {
        case .null: writeASCII("null")
        case .bool(true): writeASCII("true")
        case .bool(false): writeASCII("false")
        case .number(let number): bytes.append(contentsOf: number.text.utf8)
        case .string(let string): try write(string)
        case .array(let elements): try write(elements)
        case .object(let object): try write(object)
        }
    }

    private mutating func write(_ elements: [JSONValue]) throws(JSONText.Flaw) {
        try enter(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            try write(element)
        }
        leave(UInt8(ascii: "]"))
    }

    private mutating func write(_ object: JSONObject) throws(JSONText.Flaw) {
        try enter(UInt8(ascii: "{"))
        for (index, member) in object.members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            try write(member.name)
            bytes.append(UInt8(ascii: ":"))
            try write(member.value)
        }
        leave(UInt8(ascii: "}"))
    }

    private mutating func write(_ string: String) throws(JSONText.Flaw) {
        bytes.append(UInt8(ascii: "\""))
        let plain = string.utf8.withContiguousStorageIfAvailable { text in
            let needsNoEscape = text.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
            if needsNoEscape { bytes.append(contentsOf: text) }
            return needsNoEscape
        }
        if plain != true {
            for byte in string.utf8 { try writeEscaping(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func writeEscaping(_ byte: UInt8) throws(JSONText.Flaw) {
        switch byte {
        case 0: throw JSONText.hasNUL
        case UInt8(ascii: "\""): writeASCII("\\\"")
        case UInt8(ascii: "\\"): writeASCII("\\\\")
        case 0x08: writeASCII("\\b")
        case 0x0C: writeASCII("\\f")
        case 0x0A: writeASCII("\\n")
        case 0x0D: writeASCII("\\r")
        case 0x09: writeASCII("\\t")
        case 0..<0x20:
            writeASCII(byte < 0x10 ? "\\u000" : "\\u001")
            bytes.append(contentsOf: String(byte & 0xF, radix: 16).utf8)
        default: bytes.append(byte)
        }
    }

    private mutating func enter(_ opening: UInt8) throws(JSONText.Flaw) {
        depth += 1
        if depth > EventLimits.jsonDepth { throw JSONText.tooDeep }
        bytes.append(opening)
    }

    private mutating func leave(_ closing: UInt8) {
        depth -= 1
        bytes.append(closing)
    }

    private mutating func writeASCII(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }
}

extension JSONText {
    static var hugeNumber: Flaw {
        Flaw(
            reason: "has a number of more than 1,000 characters or with an exponent beyond ±1,000; write it as a string"
        )
    }
    static var tooDeep: Flaw { Flaw(reason: "is nested deeper than \(EventLimits.jsonDepth) levels") }
    static var hasNUL: Flaw {
        Flaw(reason: "has a U+0000 in a string, which PostgreSQL's jsonb cannot hold; leave it out or encode the text")
    }
}
