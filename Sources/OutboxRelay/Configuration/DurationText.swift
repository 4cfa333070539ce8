/// Durations as people write them: a number and a unit, `250ms`, `10s`, `1.5m`, `2h`.
///
/// A number without a unit is refused: "lease.duration = 10" has been read as milliseconds by half of all readers.
enum DurationText {
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86_400e9),
    ]

    /// - Throws: ``ConfigurationProblem`` that says what is wrong with the text and how to write it.
    static func parse(_ text: String) throws(ConfigurationProblem) -> Duration {
        let number = text.prefix { $0.isNumber || $0 == "." || $0 == "-" }
        let unit = text.dropFirst(number.count).drop { $0 == " " }
        guard let value = Double(number), value >= 0, value.isFinite else {
            throw ConfigurationProblem("'\(text)' is not a duration; write a number and a unit, such as 10s")
        }
        guard let scale = units.first(where: { $0.name == unit })?.nanoseconds else {
            let known = units.map(\.name).joined(separator: ", ")
            throw ConfigurationProblem(
                unit.isEmpty
                    ? "'\(text)' has no unit; write \(text)s for seconds or \(text)ms for milliseconds"
                    : "'\(text)' has the unknown unit '\(unit)'; known are \(known)")
        }
        guard value * scale < 9e18 else {
            throw ConfigurationProblem("'\(text)' is longer than this program can count")
        }
        return .nanoseconds(Int64((value * scale).rounded()))
    }

    /// The shortest exact text, in the largest unit that divides it.
    static func format(_ duration: Duration) -> String {
        let nanoseconds = duration / .nanoseconds(1)
        if nanoseconds == 0 { return "0s" }
        let unit = units.last { (nanoseconds / $0.nanoseconds).rounded() * $0.nanoseconds == nanoseconds } ?? units[0]
        return "\(Int64(nanoseconds / unit.nanoseconds))\(unit.name)"
    }
}
