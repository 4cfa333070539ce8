import Testing

@testable import Sagas

/// SG1, SG2, SG5, SG6, X1 over random sagas in a hostile world: whatever happens, a crash at any point included, a saga
/// ends completed or compensated, and the participants' books agree.
@Suite struct SimulationTests {
    @Test(arguments: 0..<24)
    func `a saga in a hostile world ends completed or compensated, and the books agree`(batch: UInt64) throws {
        for seed in (batch * 50)..<(batch * 50 + 50) {
            var world = try Simulation(seed: seed)
            try world.run()
            let complaints = Audit(world).complaints
            #expect(complaints.isEmpty, "seed \(seed)")
        }
    }

    @Test func `the hostile world reaches every end and every kind of event`() throws {
        var seen: Set<String> = []
        for seed in 0..<600 as Range<UInt64> {
            var world = try Simulation(seed: seed)
            try world.run()
            seen.formUnion(world.history.map { String($0.short.prefix { $0 != " " }) })
        }
        #expect(
            seen == [
                "started", "stepStarted", "attemptFailed", "stepSucceeded", "stepPassedOver", "stepFailed", "timerSet",
                "timerFired", "compensationStarted", "undoStarted", "undoAttemptFailed", "stepUndone", "lateOutcome",
                "attentionNeeded", "retriedByOperator", "skippedByOperator", "resultSetByOperator", "operatorRefused",
                "completed", "compensated",
            ])
    }
}
