/// The limits of a ``PrometheusRegistry`` and what it knows about metrics in advance.
public struct RegistryConfiguration: Sendable {
    /// How many series (sets of labels) one metric may have; what goes beyond is counted in one overflow series.
    /// Default 500.
    public var maximumSeriesPerMetric: Int = 500
    /// How many metrics there may be; what goes beyond is not exposed, and counted. Default 1000.
    public var maximumMetrics: Int = 1000
    /// Upper bounds in seconds of the buckets of timers, and of recorders in seconds. Default: 100 µs to 30 s.
    public var durationBuckets: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]
    /// Upper bounds of the buckets of recorders without a unit: sizes of groups and batches. Default: 1 to 10,000.
    public var countBuckets: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
    /// Upper bounds of the buckets of recorders in bytes. Default: 64 B to 16 MiB in steps of four.
    public var byteBuckets: [Double] = [
        64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
    ]
    /// Help, units and buckets of metrics known in advance. Default: none.
    public var descriptions: [MetricDescription] = []

    /// The defaults.
    public init() {}

    func buckets(for label: String, unit: MetricUnit) -> [Double] {
        if let own = descriptions.first(where: { $0.label == label })?.buckets { return own }
        return
            switch unit
        {
        case .seconds: durationBuckets
        case .bytes: byteBuckets
        case .ratio: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
        default: countBuckets
        }
    }
}
