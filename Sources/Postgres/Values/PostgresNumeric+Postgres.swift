extension PostgresNumeric: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `numeric`.
    public static var postgresType: PostgresType { .numeric }

    /// Writes digits in groups of four. Source: `numeric_recv` in PostgreSQL's `numeric.c`.
    public func encode(into buffer: inout PostgresBuffer) {
        switch text {
        case "NaN": Self.writeHead(groups: 0, weight: 0, sign: .nan, scale: 0, into: &buffer)
        case "Infinity": Self.writeHead(groups: 0, weight: 0, sign: .infinity, scale: 0, into: &buffer)
        case "-Infinity": Self.writeHead(groups: 0, weight: 0, sign: .negativeInfinity, scale: 0, into: &buffer)
        default: encodeDigits(into: &buffer)
        }
    }

    private func encodeDigits(into buffer: inout PostgresBuffer) {
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        let parts = text.utf8.dropFirst(isNegative ? 1 : 0).split(separator: UInt8(ascii: "."))
        let whole = parts[0].map { Int16($0 - UInt8(ascii: "0")) }
        let fraction = parts.count > 1 ? parts[1].map { Int16($0 - UInt8(ascii: "0")) } : []

        // Groups are counted from the decimal point, so both ends are filled up with zeros.
        let digits =
            Array(repeating: 0, count: (4 - whole.count % 4) % 4) + whole
            + fraction + Array(repeating: 0, count: (4 - fraction.count % 4) % 4)
        let groups = stride(from: 0, to: digits.count, by: 4).map { start in
            digits[start..<start + 4].reduce(0) { $0 * 10 + $1 }
        }
        let significant = groups.drop { $0 == 0 }
        let trailing = significant.reversed().prefix { $0 == 0 }.count
        let kept = significant.dropLast(trailing)
        let wholeGroups = (whole.count + 3) / 4
        let weight = kept.isEmpty ? 0 : wholeGroups - 1 - kept.startIndex
        Self.writeHead(
            groups: kept.count, weight: weight, sign: isNegative ? .negative : .positive, scale: fraction.count,
            into: &buffer)
        for group in kept { buffer.write(group) }
    }

    private static func writeHead(
        groups: Int, weight: Int, sign: Sign, scale: Int, into buffer: inout PostgresBuffer
    ) {
        // All fit: the limits of `PostgresNumeric` are those of the format.
        buffer.write(UInt16(truncatingIfNeeded: groups))
        buffer.write(Int16(truncatingIfNeeded: weight))
        buffer.write(sign.rawValue)
        buffer.write(Int16(truncatingIfNeeded: scale))
    }

    /// Reads `numeric`, every digit of it. Source: `numeric_send` and `get_str_from_var` in PostgreSQL's `numeric.c`.
    public init(from cell: PostgresCell) throws(PostgresError) {
        let text = try cell.withBytes { (bytes) throws(PostgresError) -> String in
            guard let bytes else { throw cell.nullError(PostgresNumeric.self) }
            guard cell.typeOID == 1700, !cell.isText else {
                throw cell.typeError(PostgresNumeric.self, accepted: "numeric")
            }
            guard let text = Self.text(of: bytes) else { throw cell.malformed(PostgresNumeric.self) }
            return text
        }
        self.init(canonical: text)
    }

    /// The plain notation of a number's binary form; nil where it is not one.
    private static func text(of bytes: UnsafeRawBufferPointer) -> String? {
        func field(_ index: Int) -> Int {
            Int(Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self)))
        }
        guard bytes.count >= 8 else { return nil }
        // The number of groups has no sign: the longest numbers have more than 32767.
        let (count, weight, scale) = (field(0) & 0xFFFF, field(1), field(3))
        guard bytes.count == 8 + 2 * count, (0...maximumScale).contains(scale) else { return nil }
        guard let sign = Sign(rawValue: UInt16(truncatingIfNeeded: field(2))) else { return nil }
        switch sign {
        case .nan: return "NaN"
        case .infinity: return "Infinity"
        case .negativeInfinity: return "-Infinity"
        case .positive, .negative: break
        }
        guard (0..<count).allSatisfy({ (0..<10_000).contains(field(4 + $0)) }) else { return nil }

        /// The four digits of a group; groups beyond those that were sent are zero.
        func digits(ofGroup index: Int) -> [UInt8] {
            let value = index >= 0 && index < count ? field(4 + index) : 0
            return [value / 1000, value / 100 % 10, value / 10 % 10, value % 10].map { UInt8(ascii: "0") + UInt8($0) }
        }
        let whole = (0..<max(0, weight + 1)).flatMap(digits(ofGroup:)).drop { $0 == UInt8(ascii: "0") }
        let fraction = (0..<(scale + 3) / 4).flatMap { digits(ofGroup: weight + 1 + $0) }.prefix(scale)
        return (sign == .negative ? "-" : "")
            + (whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self))
            + (fraction.isEmpty ? "" : "." + String(decoding: fraction, as: UTF8.self))
    }

    /// The sign field of the binary form.
    private enum Sign: UInt16 {
        case positive = 0x0000
        case negative = 0x4000
        case nan = 0xC000
        case infinity = 0xD000
        case negativeInfinity = 0xF000
    }
}
