import Resilience
import Testing

@Suite struct RetryTests {
    private struct Flaky: Error, Equatable { let attempt: Int }

    @Test func `the number of attempts counts the first one`() {
        let policy = RetryPolicy.attempts(3, backoff: .constant(.seconds(1)))
        var random = SeededGenerator(seed: 1)
        #expect(policy.next(afterAttempt: 2, using: &random) == .seconds(1))
        #expect(policy.next(afterAttempt: 3, using: &random) == nil)
        #expect(RetryPolicy.never.next(afterAttempt: 1, using: &random) == nil)
        #expect(RetryPolicy.forever().next(afterAttempt: 1_000_000, using: &random) != nil)
        #expect(RetryPolicy(maximumAttempts: -3).maximumAttempts == 1)
    }

    @Test func `no attempt begins after the time is up`() {
        let policy = RetryPolicy(
            maximumAttempts: nil, maximumElapsed: .seconds(10), backoff: .constant(.seconds(2)))
        var random = SeededGenerator(seed: 1)
        #expect(policy.next(afterAttempt: 4, elapsed: .seconds(8), using: &random) == .seconds(2))
        #expect(policy.next(afterAttempt: 4, elapsed: .seconds(9), using: &random) == nil)
    }

    @Test func `an operation is repeated until it succeeds`() async throws {
        let clock = SkippingClock()
        let policy = RetryPolicy.attempts(5, backoff: .constant(.seconds(60)))
        let attempt = try await withRetry(policy, clock: clock) { attempt in
            if attempt < 3 { throw Flaky(attempt: attempt) }
            return attempt
        }
        #expect(attempt == 3)
        #expect(clock.slept == [.seconds(60), .seconds(60)])
    }

    @Test func `the last error is thrown when the attempts are used up`() async {
        let policy = RetryPolicy.attempts(3, backoff: .constant(.seconds(60)))
        await #expect(throws: Flaky(attempt: 3)) {
            try await withRetry(policy, clock: SkippingClock()) { throw Flaky(attempt: $0) }
        }
    }

    @Test func `an error that is not worth a retry, and a cancellation, are thrown at once`() async {
        let clock = SkippingClock()
        await #expect(throws: Flaky(attempt: 1)) {
            try await withRetry(.forever(), clock: clock, retrying: { !($0 is Flaky) }) { throw Flaky(attempt: $0) }
        }
        await #expect(throws: CancellationError.self) {
            try await withRetry(.forever(), clock: clock) { _ in throw CancellationError() }
        }
        #expect(clock.slept.isEmpty)
    }
}
