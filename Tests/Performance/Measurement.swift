/// One timed run.
struct Measurement {
    /// What was measured, such as `append`.
    var name: String
    /// How many callers or clients worked at once.
    var callers: Int
    /// Operations per second.
    var perSecond: Double
    /// Milliseconds that half, and 99 of 100, of the operations took at most; nil where it is not known.
    var p50: Double?
    var p99: Double?
}

/// The latencies of one run, in nanoseconds.
struct Latencies {
    private(set) var values: [UInt32] = []

    mutating func add(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        values.append(UInt32(clamping: nanoseconds))
    }

    mutating func add(_ other: Latencies) { values += other.values }

    /// The value that the given part of all lies at or below, in milliseconds.
    static func percentile(_ part: Double, of sorted: [UInt32]) -> Double? {
        guard !sorted.isEmpty else { return nil }
        let index = min(sorted.count - 1, Int((Double(sorted.count) * part).rounded(.up)) - 1)
        return Double(sorted[max(0, index)]) / 1_000_000
    }
}
