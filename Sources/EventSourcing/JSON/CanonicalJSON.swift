/// Recognises JSON that is in canonical form already, in one pass and without building its values: what our own encoder
/// wrote, and most of what comes from elsewhere.
///
/// It says no where it is not sure: to escapes in strings and exponents in numbers, which have several spellings or limits
/// of their own. What it says no to has to be parsed and written anew.
struct CanonicalJSON {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0
    private var isASCII = true

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Whether parsing the text and writing it in canonical form is known to give the same bytes, and no error.
    static func isKnown(_ text: [UInt8]) -> Bool {
        let (isCanonical, isASCII) = text.withUnsafeBufferPointer { bytes in
            var scan = CanonicalJSON(bytes)
            return (scan.takeValue(depth: 0) && scan.index == bytes.count, scan.isASCII)
        }
        return isCanonical && (isASCII || String(validating: text, as: UTF8.self) != nil)
    }

    private mutating func takeValue(depth: Int) -> Bool {
        guard let byte = peek() else { return false }
        switch byte {
        case UInt8(ascii: "{"): return takeObject(depth: depth + 1)
        case UInt8(ascii: "["): return takeArray(depth: depth + 1)
        case UInt8(ascii: "\""): return takeString() != nil
        case UInt8(ascii: "t"): return take("true")
        case UInt8(ascii: "f"): return take("false")
        case UInt8(ascii: "n"): return take("null")
        default: return takeNumber()
        }
    }

    /// Names must rise by their bytes, so none is there twice.
    private mutating func takeObject(depth: Int) -> Bool {
        guard depth <= EventLimits.jsonDepth else { return false }
        index += 1
        if take(UInt8(ascii: "}")) { return true }
        var last: Range<Int>?
        repeat {
            guard peek() == UInt8(ascii: "\""), let name = takeString() else { return false }
            if let last, !bytes[last].lexicographicallyPrecedes(bytes[name]) { return false }
            last = name
            guard take(UInt8(ascii: ":")), takeValue(depth: depth) else { return false }
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}"))
    }

    private mutating func takeArray(depth: Int) -> Bool {
        guard depth <= EventLimits.jsonDepth else { return false }
        index += 1
        if take(UInt8(ascii: "]")) { return true }
        repeat {
            guard takeValue(depth: depth) else { return false }
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]"))
    }

    /// Takes a string without escapes; gives the place of its content.
    private mutating func takeString() -> Range<Int>? {
        index += 1
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                index += 1
                return start..<index - 1
            }
            if byte < 0x20 || byte == UInt8(ascii: "\\") { return nil }
            if byte >= 0x80 { isASCII = false }
            index += 1
        }
        return nil
    }

    /// Takes a number without an exponent, of so few digits that PostgreSQL can hold it.
    private mutating func takeNumber() -> Bool {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) {
            guard takeDigits() else { return false }
        }
        if take(UInt8(ascii: ".")) {
            guard takeDigits() else { return false }
        }
        guard let next = peek() else { return index - start <= 1000 }
        return index - start <= 1000 && next | 0x20 != UInt8(ascii: "e")
    }

    private mutating func takeDigits() -> Bool {
        let start = index
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        return index > start
    }

    private mutating func take(_ word: StaticString) -> Bool {
        let matches = word.withUTF8Buffer { bytes[index...].starts(with: $0) }
        if matches { index += word.utf8CodeUnitCount }
        return matches
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        index += 1
        return true
    }

    private func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }
}
