#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Dates as text: ISO 8601 in UTC with six digits of fraction, `2026-01-31T09:30:00.250000Z`, years 0000 to 9999.
///
/// Microseconds are what PostgreSQL's timestamps hold and what a `Date`, a double, can tell apart in our centuries:
/// text read and written again is the same text, and a date of whole microseconds comes back as itself.
enum JSONDate {
    static let rule = "a date must lie in the years 0000 to 9999"

    /// Seconds from 1970 to Foundation's reference date, 2001.
    private static let referenceOffset: Int64 = 978_307_200
    private static let lastSecond: Int64 = 253_402_300_799
    private static let firstSecond: Int64 = -62_167_219_200

    /// The text; nil outside the years 0000 to 9999.
    static func text(_ date: Date) -> String? {
        let interval = date.timeIntervalSinceReferenceDate
        guard interval.isFinite, abs(interval) < 1e12 else { return nil }
        let whole = interval.rounded(.down)
        var seconds = Int64(whole) + referenceOffset
        var micros = Int64(((interval - whole) * 1_000_000).rounded())
        if micros == 1_000_000 { (seconds, micros) = (seconds + 1, 0) }
        guard seconds >= firstSecond, seconds <= lastSecond else { return nil }
        let day = (Double(seconds) / 86_400).rounded(.down)
        let (year, month, dayOfMonth) = civil(Int64(day))
        let second = seconds - Int64(day) * 86_400
        return String(unsafeUninitializedCapacity: 27) { buffer in
            buffer.initialize(repeating: UInt8(ascii: "Z"))
            put(year, 4, 0, UInt8(ascii: "-"), buffer)
            put(month, 2, 5, UInt8(ascii: "-"), buffer)
            put(dayOfMonth, 2, 8, UInt8(ascii: "T"), buffer)
            put(second / 3600, 2, 11, UInt8(ascii: ":"), buffer)
            put(second / 60 % 60, 2, 14, UInt8(ascii: ":"), buffer)
            put(second % 60, 2, 17, UInt8(ascii: "."), buffer)
            put(micros, 6, 20, UInt8(ascii: "Z"), buffer)
            return 27
        }
    }

    /// Reads what `text` writes, and what others write in its place: up to nine digits of fraction, or none, and an
    /// offset from UTC.
    static func date(_ text: String) -> Date? {
        var scanner = Scanner(text: Array(text.utf8))
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), scanner.take("T") || scanner.take("t") || scanner.take(" "),
            let hour = scanner.number(2), scanner.take(":"), let minute = scanner.number(2), scanner.take(":"),
            let second = scanner.number(2), let nanos = scanner.fraction(), let offset = scanner.offset(),
            scanner.isAtEnd
        else { return nil }
        guard hour < 24, minute < 60, second < 60, (1...12).contains(month), day >= 1,
            case let days = self.days(year, month, day), civil(days) == (year, month, day)
        else { return nil }
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset - referenceOffset
        return Date(timeIntervalSinceReferenceDate: Double(seconds) + Double(nanos) / 1_000_000_000)
    }

    private static func put(
        _ value: Int64, _ width: Int, _ start: Int, _ separator: UInt8, _ buffer: UnsafeMutableBufferPointer<UInt8>
    ) {
        var rest = value
        for index in stride(from: start + width - 1, through: start, by: -1) {
            buffer[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        buffer[start + width] = separator
    }

    // Days since 1970 to a date of the proleptic Gregorian calendar and back: Howard Hinnant, "chrono-Compatible
    // Low-Level Date Algorithms". Foundation's Calendar gives the same and takes microseconds for it.

    private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private struct Scanner {
        let text: [UInt8]
        var index = 0

        var isAtEnd: Bool { index == text.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard index < text.count, text[index] == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        mutating func number(_ width: Int) -> Int64? {
            guard index + width <= text.count else { return nil }
            var value: Int64 = 0
            for _ in 0..<width {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        /// Nanoseconds: nil if there is a point and not one to nine digits after it.
        mutating func fraction() -> Int64? {
            guard take(".") else { return 0 }
            var value: Int64 = 0
            var digits = 0
            while digits < 9, let digit = digit() {
                value = value * 10 + digit
                digits += 1
            }
            if digits == 0 { return nil }
            for _ in digits..<9 { value *= 10 }
            return value
        }

        /// Seconds east of UTC.
        mutating func offset() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let sign: Int64
            if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
            guard let hours = number(2), hours < 24 else { return nil }
            guard take(":") || !isAtEnd else { return sign * hours * 3600 }
            guard let minutes = number(2), minutes < 60 else { return nil }
            return sign * (hours * 3600 + minutes * 60)
        }

        private mutating func digit() -> Int64? {
            guard index < text.count, text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") else {
                return nil
            }
            index += 1
            return Int64(text[index - 1] - UInt8(ascii: "0"))
        }
    }
}
