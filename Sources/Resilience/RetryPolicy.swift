/// When to try again after a failure, and when to stop.
///
/// A policy is a value without memory: ``next(afterAttempt:elapsed:previous:using:)`` answers from what the caller
/// knows, so the same policy serves a loop in memory (``withRetry(_:clock:isolation:retrying:_:)``) and a durable retry
/// whose attempts are rows.
public struct RetryPolicy: Sendable, Hashable {
    /// How often to try in all, the first attempt included; nil is without limit.
    public var maximumAttempts: Int?
    /// No further attempt begins later than this after the first one began; nil is without limit.
    public var maximumElapsed: Duration?
    /// The pause between two attempts.
    public var backoff: Backoff

    /// Makes a policy.
    ///
    /// - Parameters:
    ///   - maximumAttempts: attempts in all, at least 1; nil is without limit. 5 by default.
    ///   - maximumElapsed: the time within which a further attempt may begin; without limit by default.
    ///   - backoff: by default exponential from 200 ms up to 30 s with full jitter.
    public init(
        maximumAttempts: Int? = 5, maximumElapsed: Duration? = nil,
        backoff: Backoff = .exponential(from: .milliseconds(200), upTo: .seconds(30))
    ) {
        self.maximumAttempts = maximumAttempts.map { max($0, 1) }
        self.maximumElapsed = maximumElapsed
        self.backoff = backoff
    }

    /// One attempt and no retry.
    public static let never = RetryPolicy(maximumAttempts: 1)

    /// Tries for ever.
    ///
    /// - Parameter backoff: by default exponential from 200 ms up to 60 s with full jitter.
    public static func forever(
        backoff: Backoff = .exponential(from: .milliseconds(200), upTo: .seconds(60))
    ) -> RetryPolicy {
        RetryPolicy(maximumAttempts: nil, backoff: backoff)
    }

    /// A number of attempts in all.
    ///
    /// - Parameters:
    ///   - count: attempts in all, at least 1.
    ///   - backoff: by default exponential from 200 ms up to 30 s with full jitter.
    public static func attempts(
        _ count: Int, backoff: Backoff = .exponential(from: .milliseconds(200), upTo: .seconds(30))
    ) -> RetryPolicy {
        RetryPolicy(maximumAttempts: count, backoff: backoff)
    }

    /// The pause before the next attempt, or nil when there is to be none.
    ///
    /// - Parameters:
    ///   - attempt: the number of the attempt that has just failed, from 1.
    ///   - elapsed: the time since the first attempt began.
    ///   - previous: the pause before the attempt that failed, for decorrelated jitter.
    ///   - random: where chance comes from.
    public func next(
        afterAttempt attempt: Int, elapsed: Duration = .zero, previous: Duration? = nil,
        using random: inout some RandomNumberGenerator
    ) -> Duration? {
        if let maximumAttempts, attempt >= maximumAttempts { return nil }
        let pause = backoff.pause(afterAttempt: attempt, previous: previous, using: &random)
        if let maximumElapsed, elapsed + pause > maximumElapsed { return nil }
        return pause
    }
}
