/// The pause between two attempts: a rule without memory, so that it can be stored as data and asked anywhere.
///
/// ```swift
/// let backoff = Backoff.exponential(from: .milliseconds(200), upTo: .seconds(30))
/// ```
public struct Backoff: Sendable, Hashable {
    /// The pause after the first failed attempt, before jitter.
    public var first: Duration
    /// What each further pause is multiplied by; 1 is a constant backoff.
    public var factor: Double
    /// No pause is longer than this.
    public var maximum: Duration
    /// How chance is mixed in.
    public var jitter: Jitter

    /// The same pause after every failure.
    ///
    /// - Parameters:
    ///   - pause: the pause before jitter; a negative one counts as zero.
    ///   - jitter: how chance is mixed in; ``Jitter/none`` by default.
    public static func constant(_ pause: Duration, jitter: Jitter = .none) -> Backoff {
        Backoff(first: pause, factor: 1, maximum: pause, jitter: jitter)
    }

    /// A pause that grows by a factor with every failure, up to a maximum.
    ///
    /// - Parameters:
    ///   - first: the pause after the first failure, before jitter.
    ///   - maximum: no pause is longer.
    ///   - factor: the growth, 2 by default; below 1 counts as 1.
    ///   - jitter: how chance is mixed in; ``Jitter/full`` by default.
    public static func exponential(
        from first: Duration, upTo maximum: Duration, factor: Double = 2, jitter: Jitter = .full
    ) -> Backoff {
        Backoff(first: first, factor: factor, maximum: maximum, jitter: jitter)
    }

    private init(first: Duration, factor: Double, maximum: Duration, jitter: Jitter) {
        self.first = max(first, .zero)
        self.factor = factor.isFinite ? max(factor, 1) : 1
        self.maximum = max(maximum, self.first)
        self.jitter = jitter
    }

    /// The longest pause possible after an attempt, before jitter.
    ///
    /// - Parameter attempt: the number of the attempt that failed, from 1.
    public func cap(afterAttempt attempt: Int) -> Duration {
        if jitter == .decorrelated { return maximum }
        var cap = first
        // Multiplied step by step, and stopped at the maximum: a power would overflow on the attempts of a long outage.
        for _ in 1..<max(attempt, 1) {
            if cap >= maximum || factor == 1 { break }
            cap = cap * factor
        }
        return min(cap, maximum)
    }

    /// The pause to make after an attempt has failed.
    ///
    /// - Parameters:
    ///   - attempt: the number of the attempt that failed, from 1.
    ///   - previous: the pause made before that attempt; only ``Jitter/decorrelated`` looks at it.
    ///   - random: where chance comes from; a seeded generator makes the pauses repeatable.
    public func pause(
        afterAttempt attempt: Int, previous: Duration? = nil, using random: inout some RandomNumberGenerator
    ) -> Duration {
        let cap = cap(afterAttempt: attempt)
        switch jitter {
        case .none: return cap
        case .full: return .random(in: .zero...cap, using: &random)
        case .equal: return cap / 2 + .random(in: .zero...(cap / 2), using: &random)
        case .decorrelated:
            let upper = max(first, (previous ?? first) * 3)
            return min(maximum, .random(in: first...upper, using: &random))
        }
    }
}

extension Duration {
    /// A uniform random duration, to the nanosecond.
    static func random(in range: ClosedRange<Duration>, using random: inout some RandomNumberGenerator) -> Duration {
        let lower = range.lowerBound.wholeNanoseconds
        let upper = range.upperBound.wholeNanoseconds
        return .nanoseconds(Int64.random(in: lower...upper, using: &random))
    }

    /// Nanoseconds, held at what 64 bits can carry (292 years).
    private var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowed ? (seconds < 0 ? .min : .max) : sum
    }
}
