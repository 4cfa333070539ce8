/// Runs an operation and repeats it by a policy for as long as it throws.
///
/// The error thrown at the end is the operation's last one. Cancelling the task ends the pause at once with a
/// `CancellationError`; a `CancellationError` that the operation throws is never retried.
///
/// - Parameters:
///   - policy: how often, how long, and with what pauses.
///   - clock: measures the pauses and the elapsed time.
///   - isolation: the caller's own isolation; the operation runs there.
///   - retrying: whether an error is worth another attempt; every error is by default.
///   - operation: gets the number of the attempt, from 1.
/// - Returns: what the operation returned.
/// - Throws: the operation's last error, or `CancellationError`.
public func withRetry<Result, C: Clock>(
    _ policy: RetryPolicy, clock: C = ContinuousClock(), isolation: isolated (any Actor)? = #isolation,
    retrying: (any Error) -> Bool = { _ in true },
    _ operation: (_ attempt: Int) async throws -> Result
) async throws -> Result where C.Duration == Duration {
    let start = clock.now
    var random = SystemRandomNumberGenerator()
    var previous: Duration?
    var attempt = 1
    while true {
        do {
            return try await operation(attempt)
        } catch {
            guard !(error is CancellationError), retrying(error) else { throw error }
            let elapsed = start.duration(to: clock.now)
            let pause = policy.next(afterAttempt: attempt, elapsed: elapsed, previous: previous, using: &random)
            guard let pause else { throw error }
            try await clock.sleep(for: pause)
            previous = pause
            attempt += 1
        }
    }
}
