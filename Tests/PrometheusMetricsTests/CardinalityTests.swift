import CoreMetrics
import PrometheusMetrics
import Testing

@Suite("The registry stays bounded, and says so")
struct CardinalityTests {
    private func registry(metrics: Int = 3, series: Int = 2) -> PrometheusRegistry {
        var configuration = RegistryConfiguration()
        configuration.maximumMetrics = metrics
        configuration.maximumSeriesPerMetric = series
        return PrometheusRegistry(configuration)
    }

    @Test func `series beyond the limit share one, so that the sum stays right, and are counted`() {
        let registry = registry()
        for tenant in 0..<10 {
            Counter(label: "appends", dimensions: [("tenant", "\(tenant)")], factory: registry).increment()
        }
        let lines = registry.exposition().split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(
            lines == [
                #"appends_total{tenant="0"} 1"#,
                #"appends_total{tenant="1"} 1"#,
                #"appends_total{otel_metric_overflow="true"} 8"#,
                #"prometheus_registry_refused_total{metric="appends_total",reason="too_many_series"} 8"#,
            ])
    }

    @Test func `metrics beyond the limit are not exposed, work on, and are counted`() {
        let registry = registry()
        for number in 0..<5 { Counter(label: "m\(number)", factory: registry).increment() }
        let text = registry.exposition()
        #expect(text.contains("m2_total 1\n"))
        #expect(!text.contains("m3_total"))
        #expect(text.contains(#"prometheus_registry_refused_total{reason="too_many_metrics"} 2"#))
    }

    @Test func `a metric that claims another kind's name is not exposed, and is counted`() {
        let registry = registry()
        Recorder(label: "size", factory: registry).record(3)
        Meter(label: "size", factory: registry).set(8)
        Meter(label: "size.count", factory: registry).set(9)
        let text = registry.exposition()
        #expect(text.contains("# TYPE size histogram"))
        #expect(!text.contains("gauge"))
        #expect(text.contains(#"refused_total{metric="size",reason="name_clash"} 1"#))
        #expect(text.contains(#"refused_total{metric="size_count",reason="name_clash"} 1"#))
    }

    @Test func `the same metric made twice is one, and goes when both have been destroyed`() {
        let registry = registry()
        let first = Counter(label: "c", factory: registry)
        let second = Counter(label: "c", factory: registry)
        first.increment()
        second.increment()
        #expect(registry.exposition().contains("\nc_total 2\n"))
        first.destroy()
        #expect(registry.exposition().contains("\nc_total 2\n"))
        second.destroy()
        #expect(registry.exposition().isEmpty)
    }

    @Test func `a destroyed series makes room for another`() {
        let registry = registry(series: 1)
        Meter(label: "lease", dimensions: [("unit", "a")], factory: registry).destroy()
        Meter(label: "lease", dimensions: [("unit", "b")], factory: registry).set(1)
        #expect(registry.exposition().contains(#"lease{unit="b"} 1"#))
        #expect(!registry.exposition().contains("overflow"))
    }

    @Test func `many threads lose no update`() async {
        let registry = registry()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        Counter(label: "c", factory: registry).increment()
                        FloatingPointCounter(label: "c", factory: registry).increment(by: 0.5)
                        Recorder(label: "r", factory: registry).record(1)
                    }
                }
            }
        }
        let text = registry.exposition()
        #expect(text.contains("\nc_total 12000\n"))
        #expect(text.contains("\nr_count 8000\n"))
    }
}
