/// How much a pool holds, and how long it waits for what.
struct PoolLimits: Sendable {
    var sharedConnections = 2
    var exclusiveConnections = 16
    var pipelineDepth = 128
    var waitingRequests = 4096
    var waitingLeases = 1024
    var waitDeadline: Duration = .seconds(5)
    var maximumAge: Duration = .seconds(1800)
    var idleTimeout: Duration = .seconds(300)
    var healthCheckAfter: Duration = .seconds(30)
    var backoff = Backoff()

    /// A connection that is lost sooner than this counts as one that could not be opened.
    var shortLife: Duration = .seconds(1)

    /// How long the first request of a connection may take before new ones prefer another connection.
    var stalledAfter: Duration = .milliseconds(20)
}

/// Growing pauses between attempts, drawn at random so that many clients do not come back all at once.
struct Backoff: Sendable {
    var first: Duration = .milliseconds(50)
    var longest: Duration = .seconds(5)

    /// The pause before an attempt; attempt 1 is the first repetition.
    ///
    /// - Parameter random: A number in 0 ..< 1: "full jitter" (AWS Architecture Blog, "Exponential Backoff And Jitter"),
    ///   but never less than half, so that a pause is one.
    func pause(beforeAttempt attempt: Int, random: Double) -> Duration {
        let doublings = min(max(attempt - 1, 0), 20)
        let full = min(first * (1 << doublings), longest)
        return full * (0.5 + random / 2)
    }
}
