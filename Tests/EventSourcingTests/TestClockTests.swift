import SkaldTesting
import Testing

@Suite(.timeLimit(.minutes(2))) struct TestClockTests {
    @Test func `sleepers wake when their time has come, and not before`() async throws {
        let clock = TestClock()
        let woken = Notes<Int>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seconds in [3, 1, 2] {
                group.addTask {
                    try await clock.sleep(for: .seconds(seconds))
                    woken.add(seconds)
                }
            }
            await clock.waitForSleepers(3)
            clock.advance(by: .milliseconds(999))
            #expect(woken.all.isEmpty)
            clock.advance(by: .milliseconds(1001))
            for _ in 0..<2 { try await group.next() }
            #expect(Set(woken.all) == [1, 2])
            clock.advance(by: .seconds(1))
            try await group.waitForAll()
            #expect(Set(woken.all) == [1, 2, 3])
        }
        #expect(clock.now.offset == .seconds(3))
    }

    @Test func `a deadline that has passed is not waited for`() async throws {
        let clock = TestClock()
        clock.advance(by: .seconds(5))
        try await clock.sleep(until: .init(offset: .seconds(5)))
    }

    @Test func `a cancelled sleeper is thrown out of bed`() async throws {
        let clock = TestClock()
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await clock.sleep(for: .seconds(1))
                    return false
                } catch {
                    return error is CancellationError
                }
            }
            await clock.waitForSleepers()
            group.cancelAll()
            #expect(await group.next() == true)
        }
    }

    @Test func `who is cancelled already does not go to bed`() async {
        let clock = TestClock()
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask {
                await #expect(throws: CancellationError.self) { try await clock.sleep(for: .seconds(1)) }
            }
        }
    }
}
