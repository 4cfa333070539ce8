/// A JSON number, kept as the text it was written as, so that no digit is lost.
///
/// Two numbers are equal if they have the same value: `1`, `1.0` and `10e-1` are.
public struct JSONNumber: Sendable {
    /// The number as text, in JSON's grammar.
    public let text: String

    /// For text that is known to be a JSON number.
    init(trusted text: String) { self.text = text }

    /// Takes an integer.
    public init(_ value: some BinaryInteger) { text = String(value) }

    /// Takes a floating-point number, as the shortest text that reads back as the same number. Nil for infinity and
    /// NaN, which JSON cannot express.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        text = Self.withoutPointZero(value.description)
    }

    /// As `init(_: Double)`.
    public init?(_ value: Float) {
        guard value.isFinite else { return nil }
        text = Self.withoutPointZero(value.description)
    }

    /// The number as an integer, if it has an integer value that fits the type: `1e2` is 100.
    public func integer<I: FixedWidthInteger>(as type: I.Type = I.self) -> I? {
        if let value = I(text) { return value }
        let form = normalForm
        guard form.exponent >= 0, form.exponent <= 40, form.digits.count + form.exponent <= 40 else { return nil }
        return I((form.isNegative ? "-" : "") + form.digits + String(repeating: "0", count: form.exponent))
    }

    /// The nearest double; nil if it lies beyond the largest one.
    public var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// Whether PostgreSQL's jsonb can hold it without writing out thousands of zeros: 1e100000 has ten characters here
    /// and a hundred thousand there.
    var fitsTheLog: Bool {
        // 1e99 is the most that four characters can say.
        if text.utf8.count <= 4 { return true }
        guard text.utf8.count <= 1000 else { return false }
        guard let mark = text.utf8.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) else { return true }
        return abs(Self.clampedExponent(text.utf8[text.utf8.index(after: mark)...])) <= 1000
    }

    private static func withoutPointZero(_ text: String) -> String {
        // "-0.0" too: PostgreSQL's numbers have no negative zero.
        if text == "-0.0" { return "0" }
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension JSONNumber: Hashable {
    /// True if both have the same value.
    public static func == (lhs: JSONNumber, rhs: JSONNumber) -> Bool {
        lhs.text == rhs.text || lhs.normalForm == rhs.normalForm
    }

    /// Hashes what equality compares.
    public func hash(into hasher: inout Hasher) { hasher.combine(normalForm) }

    /// Sign, digits without zeros at either end, and a power of ten: one form for each value.
    private struct NormalForm: Hashable {
        var isNegative = false
        var digits = ""
        var exponent = 0
    }

    private var normalForm: NormalForm {
        var form = NormalForm()
        var digits: [UInt8] = []
        var afterPoint = false
        for (offset, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "-"): form.isNegative = true
            case UInt8(ascii: "."): afterPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                form.exponent += Self.clampedExponent(text.utf8.dropFirst(offset + 1))
                return finish(form, digits)
            default:
                digits.append(byte)
                if afterPoint { form.exponent -= 1 }
            }
        }
        return finish(form, digits)
    }

    private func finish(_ form: NormalForm, _ digits: [UInt8]) -> NormalForm {
        var form = form
        var significant = digits.drop { $0 == UInt8(ascii: "0") }
        while significant.last == UInt8(ascii: "0") {
            significant.removeLast()
            form.exponent += 1
        }
        if significant.isEmpty { return NormalForm() }
        form.digits = String(decoding: significant, as: UTF8.self)
        return form
    }

    /// An exponent too large for an Int is as good as a huge one: no such number is equal to a sensible one.
    private static func clampedExponent(_ text: Substring.UTF8View) -> Int {
        let clean = text.first == UInt8(ascii: "+") ? text.dropFirst() : text
        guard let text = String(clean) else { return 0 }
        return Int(text).map { max(-1_000_000_000, min(1_000_000_000, $0)) }
            ?? (text.hasPrefix("-") ? -1_000_000_000 : 1_000_000_000)
    }
}
