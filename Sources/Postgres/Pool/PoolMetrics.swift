import Metrics

/// What a pool measures. The names follow the OpenTelemetry semantic conventions for database clients (pool metrics: status
/// "development"), and stand here only.
struct PoolMetrics: Sendable {
    private let idle: Gauge
    private let used: Gauge
    private let pending: Gauge
    private let timeouts: Counter
    private let createTime: Timer
    private let waitTime: Timer
    private let useTime: Timer

    /// - Parameter pool: The client's application name.
    init(pool: String, limit: Int) {
        let name = ("db.client.connection.pool.name", pool)
        idle = Gauge(label: "db.client.connection.count", dimensions: [name, ("db.client.connection.state", "idle")])
        used = Gauge(label: "db.client.connection.count", dimensions: [name, ("db.client.connection.state", "used")])
        pending = Gauge(label: "db.client.connection.pending_requests", dimensions: [name])
        timeouts = Counter(label: "db.client.connection.timeouts", dimensions: [name])
        createTime = Timer(label: "db.client.connection.create_time", dimensions: [name])
        waitTime = Timer(label: "db.client.connection.wait_time", dimensions: [name])
        useTime = Timer(label: "db.client.connection.use_time", dimensions: [name])
        Gauge(label: "db.client.connection.max", dimensions: [name]).record(limit)
    }

    /// How many connections and callers there are.
    struct Counts: Equatable {
        /// Connected, and nobody uses them now.
        var idle = 0
        /// Lent out, or with statements in flight.
        var used = 0
        /// Callers that wait for a connection.
        var pending = 0
    }

    func record(_ counts: Counts) {
        idle.record(counts.idle)
        used.record(counts.used)
        pending.record(counts.pending)
    }

    /// A caller has waited in vain.
    func countTimeout() { timeouts.increment() }
    func recordCreation(_ duration: Duration) { createTime.recordNanoseconds(duration.nanoseconds) }
    func recordWait(_ duration: Duration) { waitTime.recordNanoseconds(duration.nanoseconds) }
    func recordUse(_ duration: Duration) { useTime.recordNanoseconds(duration.nanoseconds) }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

extension PoolState {
    /// What the gauges show.
    var counts: PoolMetrics.Counts {
        var counts = PoolMetrics.Counts(pending: requests.count + waiters.count)
        for member in members.values {
            switch member.phase {
            case .ready where member.inFlight == 0, .checking: counts.idle += 1
            case .ready, .leased, .closing: counts.used += 1
            case .opening, .pausing: break
            }
        }
        return counts
    }
}
