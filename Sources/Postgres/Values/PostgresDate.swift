/// A calendar date without time or time zone (`date`), in the Gregorian calendar, which is carried back before 1582 too.
public struct PostgresDate: Sendable, Hashable {
    /// Days since 2000-01-01.
    public let daysSince2000: Int32

    /// 4714-11-24 BC to 5874897-12-31, as days since 2000-01-01. Source: `datatype/timestamp.h`.
    private static let range: ClosedRange<Int> = -2_451_545...2_145_031_948

    /// A date by its number of days since 2000-01-01; nil where PostgreSQL has no such date.
    public init?(daysSince2000 days: Int) {
        guard Self.range.contains(days) else { return nil }
        daysSince2000 = Int32(days)
    }

    /// A date by its parts; nil where there is no such date.
    ///
    /// - Parameters:
    ///   - year: The astronomical year: 1 BC is 0, 44 BC is -43.
    ///   - month: 1 to 12.
    ///   - day: 1 to the month's last day.
    public init?(year: Int, month: Int, day: Int) {
        guard (-4800...6_000_000).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        self.init(daysSince2000: Self.days(year, month, day))
        // February 30 counts on into March, and comes back as another date.
        guard parts == (year, month, day) else { return nil }
    }

    /// The astronomical year, the month from 1 to 12, and the day of the month from 1.
    public var parts: (year: Int, month: Int, day: Int) {
        // Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days: eras of 400 years that
        // begin on the first of March, so that the leap day is the last of its year.
        let z = Int(daysSince2000) + Self.daysTo2000
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// From 0000-03-01 to 2000-01-01.
    private static let daysTo2000 = 730_425

    /// The inverse of `parts` (days_from_civil in the same paper).
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - daysTo2000
    }
}

extension PostgresDate: Comparable {
    /// Whether one date is before another.
    public static func < (a: PostgresDate, b: PostgresDate) -> Bool { a.daysSince2000 < b.daysSince2000 }
}

extension PostgresDate: CustomStringConvertible {
    /// ISO 8601: `2026-11-22`; years before 1 BC have a minus sign.
    public var description: String {
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(abs(number))
            return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let (year, month, day) = parts
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}
