import Metrics
import PostgresEventStore

/// What is measured of one projection. The names follow the OpenTelemetry conventions: dots between words, durations in
/// seconds.
struct ProjectionMetrics: Sendable {
    private let behind: Gauge
    private let lag: Gauge
    private let stopped: Gauge
    private let appliedEvents: Counter
    private let batchDuration: Timer
    private let failures: Counter

    init(_ projection: AnyProjection, tenant: String) {
        var dimensions = [("projection", projection.name.rawValue), ("version", "\(projection.version)")]
        // Two tenants' gauges under one name would overwrite each other.
        if !tenant.isEmpty { dimensions.append(("tenant", tenant)) }
        behind = Gauge(label: "projection.behind.events", dimensions: dimensions)
        lag = Gauge(label: "projection.lag", dimensions: dimensions)
        stopped = Gauge(label: "projection.stopped", dimensions: dimensions)
        appliedEvents = Counter(label: "projection.applied.events", dimensions: dimensions)
        batchDuration = Timer(label: "projection.batch.duration", dimensions: dimensions)
        failures = Counter(label: "projection.failures", dimensions: dimensions)
    }

    func applied(_ events: Int, took duration: Duration) {
        appliedEvents.increment(by: events)
        batchDuration.record(duration: duration)
    }

    func failed() { failures.increment() }

    /// As measured against the log, whoever runs the projection.
    func observed(_ status: ProjectionStatus) {
        behind.record(status.behind)
        lag.record(status.lag.inSeconds)
        stopped.record(status.failure == nil ? 0 : 1)
    }
}
