/// Reads JSON (RFC 8259) and refuses what the log cannot hold: more than 64 levels, `\u0000`, half surrogate pairs,
/// a name twice in one object, numbers of more than 1,000 characters or with an exponent beyond ±1,000.
struct JSONParser {
    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func parseDocument() throws(JSONText.Flaw) -> JSONValue {
        skipSpace()
        let value = try parseValue()
        skipSpace()
        if index < bytes.count { throw flaw("goes on after its end") }
        return value
    }

    private mutating func parseValue() throws(JSONText.Flaw) -> JSONValue {
        guard index < bytes.count else { throw flaw("ends too early") }
        switch bytes[index] {
        case UInt8(ascii: "{"): return .object(try parseObject())
        case UInt8(ascii: "["): return .array(try parseArray())
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        default: return .number(try parseNumber())
        }
    }

    // MARK: Containers

    private mutating func parseObject() throws(JSONText.Flaw) -> JSONObject {
        try enter()
        var members: [JSONObject.Member] = []
        var isSorted = true
        while try !isAtEnd(of: UInt8(ascii: "}"), isFirst: members.isEmpty) {
            guard peek() == UInt8(ascii: "\"") else { throw flaw("has an object whose member has no name in quotes") }
            let name = try parseString()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw flaw("lacks a colon after a member's name") }
            skipSpace()
            if let last = members.last, !last.name.precedesByBytes(name) { isSorted = false }
            members.append(JSONObject.Member(name, try parseValue()))
        }
        depth -= 1
        if !isSorted { try sort(&members) }
        return JSONObject(sorted: members)
    }

    private func sort(_ members: inout [JSONObject.Member]) throws(JSONText.Flaw) {
        members.sort { $0.name.precedesByBytes($1.name) }
        for (member, next) in zip(members, members.dropFirst()) where !member.name.precedesByBytes(next.name) {
            throw JSONText.Flaw(reason: "has the name \"\(next.name)\" twice in one object")
        }
    }

    private mutating func parseArray() throws(JSONText.Flaw) -> [JSONValue] {
        try enter()
        var elements: [JSONValue] = []
        while try !isAtEnd(of: UInt8(ascii: "]"), isFirst: elements.isEmpty) { elements.append(try parseValue()) }
        depth -= 1
        return elements
    }

    private mutating func enter() throws(JSONText.Flaw) {
        index += 1
        depth += 1
        if depth > EventLimits.jsonDepth { throw JSONText.tooDeep }
    }

    /// Takes what stands between elements. True if the container ends here.
    private mutating func isAtEnd(of closing: UInt8, isFirst: Bool) throws(JSONText.Flaw) -> Bool {
        skipSpace()
        if index == bytes.count { throw flaw("ends too early") }
        if take(closing) { return true }
        if isFirst { return false }
        guard take(UInt8(ascii: ",")) else { throw flaw("lacks a comma between two elements") }
        skipSpace()
        if peek() == closing { throw flaw("has a comma after the last element") }
        return false
    }

    // MARK: Scalars

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONText.Flaw) -> JSONValue {
        let matches = word.withUTF8Buffer { bytes[index...].starts(with: $0) }
        guard matches else { throw flaw("has a word that is not true, false or null") }
        index += word.utf8CodeUnitCount
        return value
    }

    private mutating func parseNumber() throws(JSONText.Flaw) -> JSONNumber {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try takeDigits() }
        if take(UInt8(ascii: ".")) { try takeDigits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try takeDigits()
        }
        let number = JSONNumber(trusted: String(decoding: bytes[start..<index], as: UTF8.self))
        if !number.fitsTheLog { throw JSONText.hugeNumber }
        return number
    }

    private mutating func takeDigits() throws(JSONText.Flaw) {
        let start = index
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        if index == start { throw flaw("has something that is not a JSON value") }
    }

    private mutating func parseString() throws(JSONText.Flaw) -> String {
        index += 1
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                let text = String(validating: bytes[start..<index], as: UTF8.self)
                guard let text else { throw flaw("has a string that is not UTF-8") }
                index += 1
                return text
            case UInt8(ascii: "\\"): return try parseEscapedString(from: start)
            case 0..<0x20: throw flaw("has a control character in a string, which must be escaped")
            default: index += 1
            }
        }
        throw flaw("ends within a string")
    }

    private mutating func parseEscapedString(from start: Int) throws(JSONText.Flaw) -> String {
        var text = Array(bytes[start..<index])
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw flaw("has a string that is not UTF-8")
                }
                index += 1
                return string
            case UInt8(ascii: "\\"):
                index += 1
                text.append(contentsOf: String(try parseEscape()).utf8)
            case 0..<0x20: throw flaw("has a control character in a string, which must be escaped")
            default:
                text.append(byte)
                index += 1
            }
        }
        throw flaw("ends within a string")
    }

    private mutating func parseEscape() throws(JSONText.Flaw) -> Unicode.Scalar {
        guard let byte = peek() else { throw flaw("ends within a string") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseUnicodeEscape()
        default: throw flaw("has an unknown escape in a string")
        }
    }

    private mutating func parseUnicodeEscape() throws(JSONText.Flaw) -> Unicode.Scalar {
        let unit = try takeHexDigits()
        if unit == 0 { throw JSONText.hasNUL }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // A high surrogate needs its low half right after it.
        guard unit < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")),
            case let low = try takeHexDigits(), (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        else { throw flaw("has one half of a surrogate pair without the other") }
        return scalar
    }

    private mutating func takeHexDigits() throws(JSONText.Flaw) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw flaw("has a \\u that is not followed by four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    // MARK: Bytes

    private func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private func flaw(_ reason: String) -> JSONText.Flaw {
        JSONText.Flaw(reason: "is not JSON: it \(reason) (byte \(index) of \(bytes.count))")
    }
}
