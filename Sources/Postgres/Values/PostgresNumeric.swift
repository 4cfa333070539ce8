/// An exact decimal number (`numeric`), as the text that PostgreSQL would print.
///
/// Digits and scale are kept as they are: `1.50` stays `1.50`, and is not equal to `1.5`. To calculate, make a number of
/// `text`; Foundation's `Decimal(string:)` holds 38 digits of it.
public struct PostgresNumeric: Sendable, Hashable, LosslessStringConvertible {
    /// The number in plain notation: `-12.340`, `NaN`, `Infinity` or `-Infinity`.
    public let text: String

    /// The most digits before the decimal point.
    static let maximumIntegerDigits = 131_072
    /// The most digits behind the decimal point.
    static let maximumScale = 16_383

    /// A number from its text: digits with an optional sign, decimal point and exponent, or `NaN`, `Infinity` or
    /// `-Infinity`. Nil where it is none of these, or beyond 131072 digits before and 16383 behind the decimal point.
    public init?(_ text: String) {
        guard let canonical = Self.canonical(text) else { return nil }
        self.text = canonical
    }

    /// A whole number.
    public init(_ integer: some BinaryInteger) {
        text = String(integer)
    }

    /// Text that is canonical already.
    init(canonical text: String) {
        self.text = text
    }

    /// The number in plain notation.
    public var description: String { text }

    /// The same number as PostgreSQL prints it: no plus sign, no leading zeros, no exponent, no negative zero.
    private static func canonical(_ text: String) -> String? {
        guard !["NaN", "Infinity", "-Infinity"].contains(text) else { return text }
        guard let parts = Parts(text) else { return nil }
        var digits = parts.integer + parts.fraction
        var point = parts.integer.count + parts.exponent
        if point < 0 {
            guard -point <= maximumScale else { return nil }
            digits = repeatElement(UInt8(ascii: "0"), count: -point) + digits
            point = 0
        } else if point > digits.count {
            guard point <= maximumIntegerDigits else { return nil }
            digits += repeatElement(UInt8(ascii: "0"), count: point - digits.count)
        }
        let whole = digits[..<point].drop { $0 == UInt8(ascii: "0") }
        let fraction = digits[point...]
        guard whole.count <= maximumIntegerDigits, fraction.count <= maximumScale else { return nil }
        let isZero = whole.isEmpty && fraction.allSatisfy { $0 == UInt8(ascii: "0") }
        return (parts.isNegative && !isZero ? "-" : "")
            + (whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self))
            + (fraction.isEmpty ? "" : "." + String(decoding: fraction, as: UTF8.self))
    }

    /// What stands in a number's text.
    private struct Parts {
        var isNegative = false
        var integer: [UInt8] = []
        var fraction: [UInt8] = []
        var exponent = 0

        init?(_ text: String) {
            var rest = Array(text.utf8)[...]
            isNegative = rest.first == UInt8(ascii: "-")
            if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            integer = Self.digits(&rest)
            if rest.first == UInt8(ascii: ".") {
                rest.removeFirst()
                fraction = Self.digits(&rest)
            }
            guard !integer.isEmpty || !fraction.isEmpty else { return nil }
            guard let letter = rest.popFirst() else { return }
            guard letter == UInt8(ascii: "e") || letter == UInt8(ascii: "E") else { return nil }
            let sign = rest.first == UInt8(ascii: "-") ? -1 : 1
            if sign < 0 || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            let power = Self.digits(&rest)
            // Six digits are more than any number in range needs, and few enough to calculate with.
            guard rest.isEmpty, !power.isEmpty, power.count <= 6 else { return nil }
            exponent = sign * power.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }

        private static func digits(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest[digits.endIndex...]
            return Array(digits)
        }
    }
}
