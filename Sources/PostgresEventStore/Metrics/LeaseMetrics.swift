import Metrics

/// What a keeper measures of its leases, all units of a kind together: units are many, kinds are few.
struct LeaseMetrics: Sendable {
    private let held: Gauge
    private let age: Gauge
    private let taken: Counter
    private let ended: Counter

    /// - Parameter kind: What is worked on under the leases, such as `outbox/http`.
    init(kind: String) {
        let dimensions = [("kind", kind)]
        held = Gauge(label: "lease.held", dimensions: dimensions)
        age = Gauge(label: "lease.age", dimensions: dimensions)
        taken = Counter(label: "lease.lost", dimensions: dimensions + [("cause", "taken")])
        ended = Counter(label: "lease.lost", dimensions: dimensions + [("cause", "ended")])
    }

    /// How many leases this process may rely on, and since when it has had the one it has had longest, in seconds.
    func observed(_ leases: some Collection<Lease>) {
        held.record(leases.count)
        let oldest = leases.map(\.gainedAt).min()
        age.record(oldest.map { ($0.duration(to: .now)) / .seconds(1) } ?? 0)
    }

    func lost(_ loss: LeaseState.Loss) {
        switch loss {
        case .taken: taken.increment()
        case .ended: ended.increment()
        }
    }
}
