/// How long to wait before the next attempt: doubling from `first` to `longest`, with jitter.
public struct RelayBackoff: Sendable, Hashable {
    /// After the first failure.
    public var first: Duration
    /// After many.
    public var longest: Duration

    /// Doubling from `first` to `longest`.
    public init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    /// The wait after the `attempt`th failure (1 is the first). `random` is from 0 to 1 and spreads the waits over the upper
    /// half, so that what failed together is not tried together.
    func delay(attempt: Int, random: Double) -> Duration {
        let doublings = min(max(attempt, 1) - 1, 30)
        let full = min(first * (1 << doublings), longest)
        return full * (0.5 + 0.5 * min(max(random, 0), 1))
    }
}
