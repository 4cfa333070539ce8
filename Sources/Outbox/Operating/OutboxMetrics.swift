import Metrics
import PostgresEventStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a relay measures. The names follow the OpenTelemetry conventions: dots between words, durations in seconds.
struct OutboxMetrics: Sendable {
    private let pending: Gauge
    private let oldestAge: Gauge
    private let retrying: Gauge
    private let parked: Gauge
    private let leases: Gauge
    private let leaseRemaining: Gauge
    private let publishDuration: Timer
    private let published: Counter
    private let refused: Counter
    private let unknown: Counter
    private let blocked: Counter

    init(sink: SinkName) {
        let dimensions = [("sink", sink.name)]
        pending = Gauge(label: "outbox.pending.messages", dimensions: dimensions)
        oldestAge = Gauge(label: "outbox.oldest.age", dimensions: dimensions)
        retrying = Gauge(label: "outbox.retrying.keys", dimensions: dimensions)
        parked = Gauge(label: "outbox.parked.keys", dimensions: dimensions)
        leases = Gauge(label: "outbox.leases.held", dimensions: dimensions)
        leaseRemaining = Gauge(label: "outbox.leases.remaining", dimensions: dimensions)
        publishDuration = Timer(label: "outbox.publish.duration", dimensions: dimensions)
        published = Counter(label: "outbox.published.messages", dimensions: dimensions)
        refused = Counter(label: "outbox.refused.messages", dimensions: dimensions)
        unknown = Counter(label: "outbox.unknown_outcomes", dimensions: dimensions)
        blocked = Counter(label: "outbox.blocked.keys", dimensions: dimensions)
    }

    /// A call of the sink was answered; nil: not in time.
    func published(_ messages: [OutboundMessage], _ results: [PublishResult]?, took duration: Duration) {
        publishDuration.record(duration: duration)
        let results = results ?? []
        let acknowledged = results.count { $0 == .acknowledged }
        let refusals = results.count { if case .refused = $0 { true } else { false } }
        published.increment(by: acknowledged)
        refused.increment(by: refusals)
        unknown.increment(by: messages.count - acknowledged - refusals)
    }

    func wrote(_ progress: LaneState.Progress) {
        blocked.increment(by: progress.verdicts.values.count { if case .free = $0 { false } else { true } })
    }

    func observed(_ lanes: [OutboxStatus]) {
        pending.record(lanes.reduce(0) { $0 + $1.pending })
        oldestAge.record(lanes.compactMap(\.oldest).min().map { max(0, Date.now.timeIntervalSince($0)) } ?? 0)
        retrying.record(lanes.reduce(0) { $0 + $1.retryingKeys })
        parked.record(lanes.reduce(0) { $0 + $1.parkedKeys })
    }

    /// The leases of this process: how many, and how long the shortest can still be relied on.
    func observed(_ held: [Lease]) {
        leases.record(held.count)
        leaseRemaining.record(held.map { $0.remaining.inSeconds }.min() ?? 0)
    }
}
