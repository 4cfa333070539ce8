import Synchronization

/// The metrics of a process, kept for a Prometheus server to scrape: a backend for swift-metrics.
///
/// ```swift
/// let registry = PrometheusRegistry()
/// MetricsSystem.bootstrap(registry)
/// // and in the handler of GET /metrics:
/// respond(registry.exposition(), contentType: PrometheusRegistry.contentType)
/// ```
///
/// Counters are Prometheus counters; meters and recorders that do not aggregate are gauges; timers (in seconds) and
/// aggregating recorders are histograms. Updating one takes an atomic addition, or a short lock for a histogram.
///
/// Memory is bounded: beyond ``RegistryConfiguration/maximumSeriesPerMetric`` sets of labels, further ones share a
/// series labelled `otel_metric_overflow="true"`, so that sums stay right; beyond
/// ``RegistryConfiguration/maximumMetrics``, and where two metrics of different kinds claim one name, a metric is not
/// exposed. Both are counted in `prometheus_registry_refused_total`, by reason and metric.
public final class PrometheusRegistry: Sendable {
    /// The content type of ``exposition()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static let refusedName = "prometheus_registry_refused_total"

    private struct State {
        var families: [String: Family] = [:]
        var owners: [String: String] = [:]  // every name in the exposition, and the family that it belongs to
        var refused: Family

        /// Why a family may not be used or made, if so.
        func refusal(name: String, kind: MetricKind, limit: Int) -> String? {
            if let family = families[name] { return family.kind == kind ? nil : "name_clash" }
            if kind.names(of: name).contains(where: { owners[$0] != nil }) { return "name_clash" }
            return families.count < limit ? nil : "too_many_metrics"
        }

        /// Beyond the limit of metrics the name is left out, or the count of refusals would itself grow without bound.
        mutating func count(_ reason: String, name: String) {
            let dimensions = reason == "too_many_metrics" ? [] : [("metric", name)]
            let (series, _) = refused.series(LabelSet([("reason", reason)] + dimensions))
            (series as? CounterSeries)?.increment(by: Int64(1))
        }
    }

    private let configuration: RegistryConfiguration
    private let descriptions: [String: MetricDescription]
    private let state: Mutex<State>

    /// Makes an empty registry.
    public init(_ configuration: RegistryConfiguration = .init()) {
        self.configuration = configuration
        descriptions = Dictionary(configuration.descriptions.map { ($0.label, $0) }) { first, _ in first }
        let refused = Family(
            name: Self.refusedName, kind: .counter,
            help: "Requests for a metric or series that the registry's limits or a clash of names turned away.",
            maximumSeries: configuration.maximumMetrics
        ) { CounterSeries() }
        state = Mutex(State(owners: [Self.refusedName: Self.refusedName], refused: refused))
    }

    /// All metrics in Prometheus's text format, version 0.0.4, in a stable order: by name, then by labels.
    public func exposition() -> String {
        // Copied out first, so that rendering a large registry holds up nobody who makes a metric.
        let families = state.withLock { Array($0.families.values) + [$0.refused] }
        var text = ""
        for family in families.sorted(by: { $0.name < $1.name }) { family.write(to: &text) }
        return text
    }

    func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
        series(label, dimensions, kind: .counter, unit: .none) { CounterSeries() }
    }

    func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        series(label, dimensions, kind: .gauge, unit: .none) { GaugeSeries() }
    }

    func histogram(_ label: String, _ dimensions: [(String, String)], unit: MetricUnit) -> HistogramSeries {
        let unit = unit == .none ? descriptions[label]?.unit ?? .none : unit
        let configuration = configuration
        return series(label, dimensions, kind: .histogram, unit: unit) {
            HistogramSeries(bounds: Set(configuration.buckets(for: label, unit: unit)).filter(\.isFinite).sorted())
        }
    }

    func release(_ series: any Series) {
        state.withLock { state in
            for name in state.families.keys { state.families[name]?.release(series) }
        }
    }

    private func series<S: Series>(
        _ label: String, _ dimensions: [(String, String)], kind: MetricKind, unit: MetricUnit,
        make: @escaping @Sendable () -> S
    ) -> S {
        let description = descriptions[label]
        let unit = unit == .none ? description?.unit ?? .none : unit
        let name = MetricName.exposed(label, kind: kind, unit: unit)
        let labels = LabelSet(dimensions)
        return state.withLock { state in
            if let refusal = state.refusal(name: name, kind: kind, limit: configuration.maximumMetrics) {
                state.count(refusal, name: name)
                return make()  // counts on, unseen: a metric must never break the program that it measures
            }
            if state.families[name] == nil {
                for owned in kind.names(of: name) { state.owners[owned] = name }
            }
            let (found, overflowed) = state.families[
                name,
                default: Family(
                    name: name, kind: kind, help: description?.help ?? label,
                    maximumSeries: configuration.maximumSeriesPerMetric, makeSeries: make)
            ].series(labels)
            if overflowed { state.count("too_many_series", name: name) }
            return found as? S ?? make()
        }
    }
}
