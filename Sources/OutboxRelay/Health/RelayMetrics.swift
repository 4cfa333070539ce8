import PrometheusMetrics

/// What is known about the metrics that this program's libraries measure: their units, and what they mean.
enum RelayMetrics {
    static var registry: PrometheusRegistry {
        var configuration = RegistryConfiguration()
        configuration.descriptions = descriptions
        return PrometheusRegistry(configuration)
    }

    static let descriptions: [MetricDescription] = [
        .init("outbox.pending.messages", "Messages that no acknowledgement is known of, blocked ones included."),
        .init("outbox.oldest.age", "Age of the oldest of them.", unit: .seconds),
        .init("outbox.retrying.keys", "Keys whose next message was refused and is tried again."),
        .init("outbox.parked.keys", "Keys whose next message was given up; skald outbox replay tries them again."),
        .init("outbox.leases.held", "Lanes that this process owns."),
        .init("outbox.leases.remaining", "How long the shortest of its leases can be relied on.", unit: .seconds),
        .init("outbox.publish.duration", "How long calls of the sink took."),
        .init("outbox.published.messages", "Messages that the sink acknowledged."),
        .init("outbox.refused.messages", "Messages that the sink refused."),
        .init(
            "outbox.unknown_outcomes",
            "Messages of which it is not known whether the sink took them; they are sent again."),
        .init("outbox.blocked.keys", "Keys that entered the blocked set."),
    ]
}
