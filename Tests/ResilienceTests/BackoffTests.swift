import Resilience
import Testing

@Suite struct BackoffTests {
    @Test func `a constant backoff stays the same`() {
        let backoff = Backoff.constant(.milliseconds(50))
        var random = SeededGenerator(seed: 1)
        for attempt in [1, 2, 1000] {
            #expect(backoff.pause(afterAttempt: attempt, using: &random) == .milliseconds(50))
        }
    }

    @Test(arguments: [(1, 100), (2, 200), (3, 400), (4, 800), (5, 1000), (6, 1000), (1_000_000, 1000)])
    func `an exponential backoff doubles up to its maximum, however many attempts`(attempt: Int, milliseconds: Int) {
        let backoff = Backoff.exponential(from: .milliseconds(100), upTo: .seconds(1), jitter: .none)
        var random = SeededGenerator(seed: 1)
        #expect(backoff.pause(afterAttempt: attempt, using: &random) == .milliseconds(milliseconds))
    }

    @Test func `full jitter fills the range from zero to the cap and never leaves it`() {
        let pauses = pauses(.exponential(from: .milliseconds(100), upTo: .seconds(1), jitter: .full), attempt: 3)
        #expect(pauses.allSatisfy { $0 >= .zero && $0 <= .milliseconds(400) })
        #expect(pauses.contains { $0 < .milliseconds(40) } && pauses.contains { $0 > .milliseconds(360) })
    }

    @Test func `equal jitter never comes back before half of the cap`() {
        let pauses = pauses(.exponential(from: .milliseconds(100), upTo: .seconds(1), jitter: .equal), attempt: 3)
        #expect(pauses.allSatisfy { $0 >= .milliseconds(200) && $0 <= .milliseconds(400) })
        #expect(pauses.contains { $0 < .milliseconds(220) } && pauses.contains { $0 > .milliseconds(380) })
    }

    @Test func `decorrelated jitter grows from the pause before and stays below the maximum`() {
        let backoff = Backoff.exponential(from: .milliseconds(100), upTo: .seconds(1), jitter: .decorrelated)
        var random = SeededGenerator(seed: 7)
        var longest = Duration.zero
        for _ in 0..<200 {
            var previous: Duration?
            for attempt in 1...8 {
                let pause = backoff.pause(afterAttempt: attempt, previous: previous, using: &random)
                let upper = min(.seconds(1), max(.milliseconds(100), (previous ?? .milliseconds(100)) * 3))
                #expect(pause >= .milliseconds(100) && pause <= upper)
                longest = max(longest, pause)
                previous = pause
            }
        }
        #expect(longest == .seconds(1))
    }

    @Test func `values that make no sense are brought into range`() {
        let backoff = Backoff.exponential(from: .seconds(-1), upTo: .seconds(-2), factor: .nan)
        var random = SeededGenerator(seed: 1)
        #expect(backoff.pause(afterAttempt: 0, using: &random) == .zero)
        #expect(Backoff.constant(.seconds(Int64.max), jitter: .full).pause(afterAttempt: 2, using: &random) >= .zero)
    }

    private func pauses(_ backoff: Backoff, attempt: Int) -> [Duration] {
        var random = SeededGenerator(seed: 42)
        return (0..<500).map { _ in backoff.pause(afterAttempt: attempt, using: &random) }
    }
}
