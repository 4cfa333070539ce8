/// How often a command is decided anew when other writers are faster, and how long it waits between.
public struct ConflictRetry: Sendable, Hashable {
    /// How many times the decider is asked at most, the first included. Default: 10.
    public var maximumAttempts: Int
    /// The longest wait before the second attempt; it doubles with each further one. Default: 2 ms.
    public var firstDelay: Duration
    /// The longest wait of all. Default: 250 ms.
    public var maximumDelay: Duration

    /// Makes a policy.
    public init(
        maximumAttempts: Int = 10, firstDelay: Duration = .milliseconds(2), maximumDelay: Duration = .milliseconds(250)
    ) {
        precondition(maximumAttempts >= 1, "a command needs at least one attempt")
        self.maximumAttempts = maximumAttempts
        self.firstDelay = firstDelay
        self.maximumDelay = maximumDelay
    }

    /// No second attempt: a conflict is the caller's to handle.
    public static let never = ConflictRetry(maximumAttempts: 1)

    /// The wait after a failed attempt: a random part of an exponentially growing span ("full jitter"), so that writers
    /// who met once do not meet again.
    ///
    /// - Parameters:
    ///   - attempt: The attempt that failed, from 1.
    ///   - fraction: A random number from 0 to 1.
    public func delay(after attempt: Int, fraction: Double) -> Duration {
        // 2^20 times the first delay is beyond any sensible maximum.
        let span = firstDelay * (1 << min(max(attempt - 1, 0), 20))
        return min(span, maximumDelay) * fraction
    }
}
