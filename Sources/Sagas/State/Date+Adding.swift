#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Date {
    /// This date and a duration, on the next whole microsecond: what the journal can hold, and never early.
    ///
    /// A negative duration counts as zero, one above 100 years as 100 years.
    func adding(_ duration: Duration) -> Date {
        let interval = timeIntervalSinceReferenceDate
        let whole = interval.rounded(.down)
        let start = Int64(whole) * 1_000_000 + Int64(((interval - whole) * 1_000_000).rounded())
        let (seconds, attoseconds) = min(max(duration, .zero), .seconds(3_155_760_000)).components
        let end = start + seconds * 1_000_000 + (attoseconds + 999_999_999_999) / 1_000_000_000_000
        let second = (Double(end) / 1_000_000).rounded(.down)
        let rest = end - Int64(second) * 1_000_000
        return Date(timeIntervalSinceReferenceDate: second + Double(rest * 1000) / 1_000_000_000)
    }
}
