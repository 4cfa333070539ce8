#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Looks through bytes for what PostgreSQL would refuse.
///
/// The server refuses them too, but by then they may share a statement with the values of other callers.
enum Scan {
    /// Whether there is a NUL among the bytes.
    static func hasNUL(_ bytes: UnsafeRawBufferPointer) -> Bool {
        position(of: 0, in: bytes, from: 0) != nil
    }

    /// Whether JSON text has the escape `\u0000` in it.
    ///
    /// In JSON a backslash stands only inside strings, and takes the next character with it: `\\u0000` is not the escape.
    static func hasEscapedNUL(_ json: UnsafeRawBufferPointer) -> Bool {
        var next = 0
        while let backslash = position(of: UInt8(ascii: "\\"), in: json, from: next) {
            if json.count - backslash >= 6, json[backslash + 1] == UInt8(ascii: "u"),
                json[(backslash + 2)..<(backslash + 6)].allSatisfy({ $0 == UInt8(ascii: "0") })
            {
                return true
            }
            next = backslash + 2
        }
        return false
    }

    /// Where the first bytes that are not UTF-8 begin; nil where all are.
    ///
    /// Source: table 3-7, "Well-Formed UTF-8 Byte Sequences", of the Unicode Standard, which PostgreSQL follows.
    static func firstInvalidUTF8(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        while true {
            index = endOfASCII(bytes, from: index)
            guard index < bytes.count else { return nil }
            let length = sequenceLength(bytes, at: index)
            guard length > 0 else { return index }
            index += length
        }
    }

    private static func position(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress else { return nil }
        guard let found = memchr(base + start, Int32(byte), bytes.count - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Where the first byte from `start` on stands that is not ASCII, looking at eight at a time.
    private static func endOfASCII(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index + 8 <= bytes.count,
            bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            index += 8
        }
        while index < bytes.count, bytes[index] < 0x80 { index += 1 }
        return index
    }

    /// How many bytes the character that begins here has; 0 where none does. The first byte is not ASCII.
    private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
        let (length, second): (Int, ClosedRange<UInt8>)
        switch bytes[index] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE, 0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard bytes.count - index >= length, second.contains(bytes[index + 1]) else { return 0 }
        for offset in 2..<max(2, length) where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
