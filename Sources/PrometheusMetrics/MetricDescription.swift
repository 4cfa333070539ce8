/// What a scraper is told about one metric beyond its name: its meaning, its unit, and how its values are bucketed.
///
/// Metrics need no description to be exposed. swift-metrics has no units, so a gauge of seconds gets its `_seconds`
/// suffix only from here; timers are always in seconds.
public struct MetricDescription: Sendable, Hashable {
    /// The label as the library writes it, with dots.
    public var label: String
    /// One sentence for the `# HELP` line.
    public var help: String
    /// The unit of the values, which becomes the suffix of the exposed name. Default: none.
    public var unit: MetricUnit
    /// Upper bounds for a recorder's or timer's buckets, rising. Default `nil`: those of the registry's configuration.
    public var buckets: [Double]?

    /// Describes a metric.
    public init(_ label: String, _ help: String, unit: MetricUnit = .none, buckets: [Double]? = nil) {
        self.label = label
        self.help = help
        self.unit = unit
        self.buckets = buckets
    }
}
