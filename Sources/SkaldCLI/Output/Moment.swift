#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Points and spans of time as this program writes them.
enum Moment {
    /// ISO 8601 in UTC with milliseconds, for programs.
    static func json(_ date: Date) -> OutputJSON { .string(precise(date)) }

    /// The same as text.
    static func precise(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// `2026-11-22 20:01:03Z`, for people.
    static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(dateTimeSeparator: .space))
    }

    /// How long ago something was, in its two largest units: `3d 4h`, `12m 5s`, `0.4s`.
    static func age(_ seconds: Double) -> String {
        let seconds = max(0, seconds)
        if seconds < 10 { return "\((seconds * 10).rounded() / 10)s" }
        let whole = Int(seconds.rounded())
        let parts = [(whole / 86_400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "m"), (whole % 60, "s")]
        let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
        return shown.map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }
}
