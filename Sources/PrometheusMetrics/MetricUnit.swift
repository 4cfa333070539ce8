/// The base unit of a metric's values, as Prometheus names it.
public struct MetricUnit: Sendable, Hashable {
    /// The word that ends the metric's name (before `_total`), empty for a plain number.
    public let suffix: String

    private init(_ suffix: String) {
        self.suffix = suffix
    }

    /// A plain number: positions, messages, connections.
    public static let none = Self("")
    /// Seconds, fractions included.
    public static let seconds = Self("seconds")
    /// Bytes.
    public static let bytes = Self("bytes")
    /// A fraction from 0 to 1.
    public static let ratio = Self("ratio")
}
