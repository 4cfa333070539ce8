import CoreMetrics
import PrometheusMetrics
import Testing

@Suite("The text that Prometheus reads")
struct ExpositionTests {
    private let registry = PrometheusRegistry(configuration)

    private static var configuration: RegistryConfiguration {
        var configuration = RegistryConfiguration()
        configuration.durationBuckets = [0.005, 0.1, 1]
        configuration.countBuckets = [1, 10]
        configuration.descriptions = [
            MetricDescription("eventstore.append.events", "Events appended."),
            MetricDescription("outbox.oldest.age", "Age of the oldest unsent message.", unit: .seconds),
            MetricDescription("relay.sent", "Bytes sent,\nover C:\\sink.", unit: .bytes),
        ]
        return configuration
    }

    @Test func `every kind of metric is written as format 0.0.4 asks, in a stable order`() {
        Counter(label: "eventstore.append.events", dimensions: [("category", "seat")], factory: registry).increment(
            by: 3)
        FloatingPointCounter(label: "eventstore.append.events", dimensions: [("category", "trip")], factory: registry)
            .increment(by: 0.5)
        Counter(label: "relay.sent", factory: registry).increment(by: 2048)
        Meter(label: "outbox.oldest.age", factory: registry).set(1.25)
        Gauge(label: "9.strange-näme", dimensions: [("le", "x"), ("a.b", "1"), ("a_b", "2")], factory: registry)
            .record(-7)
        let append = Timer(label: "eventstore.append.duration", factory: registry)
        append.recordMilliseconds(5)
        append.recordMilliseconds(20)
        append.recordSeconds(60)
        Recorder(label: "eventstore.group.size", dimensions: [("path", #"say "\#n" \ done"#)], factory: registry)
            .record(4)

        #expect(registry.exposition() == Self.golden)
        #expect(registry.exposition() == Self.golden, "a scrape changes nothing")
    }

    private static let golden = #"""
        # HELP _9_strange_n_me 9.strange-näme
        # TYPE _9_strange_n_me gauge
        _9_strange_n_me{a_b="1;2",key_le="x"} -7
        # HELP eventstore_append_duration_seconds eventstore.append.duration
        # TYPE eventstore_append_duration_seconds histogram
        eventstore_append_duration_seconds_bucket{le="0.005"} 1
        eventstore_append_duration_seconds_bucket{le="0.1"} 2
        eventstore_append_duration_seconds_bucket{le="1"} 2
        eventstore_append_duration_seconds_bucket{le="+Inf"} 3
        eventstore_append_duration_seconds_sum 60.025
        eventstore_append_duration_seconds_count 3
        # HELP eventstore_append_events_total Events appended.
        # TYPE eventstore_append_events_total counter
        eventstore_append_events_total{category="seat"} 3
        eventstore_append_events_total{category="trip"} 0.5
        # HELP eventstore_group_size eventstore.group.size
        # TYPE eventstore_group_size histogram
        eventstore_group_size_bucket{path="say \"\n\" \\ done",le="1"} 0
        eventstore_group_size_bucket{path="say \"\n\" \\ done",le="10"} 1
        eventstore_group_size_bucket{path="say \"\n\" \\ done",le="+Inf"} 1
        eventstore_group_size_sum{path="say \"\n\" \\ done"} 4
        eventstore_group_size_count{path="say \"\n\" \\ done"} 1
        # HELP outbox_oldest_age_seconds Age of the oldest unsent message.
        # TYPE outbox_oldest_age_seconds gauge
        outbox_oldest_age_seconds 1.25
        # HELP relay_sent_bytes_total Bytes sent,\nover C:\\sink.
        # TYPE relay_sent_bytes_total counter
        relay_sent_bytes_total 2048

        """#

    @Test func `an empty registry exposes nothing`() {
        #expect(registry.exposition().isEmpty)
    }

    @Test func `a value that is no number is written in Go's words`() {
        let gauge = Meter(label: "g", factory: registry)
        gauge.set(Double.nan)
        #expect(registry.exposition().hasSuffix("\ng NaN\n"))
        gauge.set(-Double.infinity)
        #expect(registry.exposition().hasSuffix("\ng -Inf\n"))
        gauge.set(Double.infinity)
        #expect(registry.exposition().hasSuffix("\ng +Inf\n"))
    }

    @Test func `a histogram ignores what is no number, and a counter what would lower it`() {
        let recorder = Recorder(label: "r", factory: registry)
        recorder.record(2)
        recorder.record(Double.nan)
        let counter = Counter(label: "c", factory: registry)
        counter.increment(by: 2)
        counter.increment(by: -1)
        let text = registry.exposition()
        #expect(text.contains("\nr_sum 2\nr_count 1\n"))
        #expect(text.contains("\nc_total 2\n"))
    }

    @Test(arguments: [
        ("requests", "requests_total"), ("requests_total", "requests_total"), ("a.b.total", "a_b_total"),
        ("relay.sent", "relay_sent_bytes_total"), ("a:b", "a:b_total"),
    ])
    func `a counter's name ends in its unit and total, once`(label: String, name: String) {
        Counter(label: label, factory: registry).increment()
        #expect(registry.exposition().contains("\n\(name) 1\n"))
    }
}
