import Testing

@testable import Sagas

/// SG1, SG2, SG5, SG6 over random sagas in a hostile world: whatever happens, a crash at any point included, a saga
/// ends completed or compensated, and the participants' books agree.
@Suite struct SimulationTests {
    @Test(arguments: 0..<24)
    func `a saga in a hostile world ends completed or compensated, and the books agree`(batch: UInt64) throws {
        for seed in (batch * 50)..<(batch * 50 + 50) {
            var world = try Simulation(seed: seed)
            try world.run()
            audit(world, seed)
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

    private func audit(_ world: Simulation, _ seed: UInt64) {
        let state = world.machine.state
        let effects = world.participant.effects
        switch state.status {
        case .completed:
            for step in world.definition.steps where step.work != .wait {
                let isPassedOver = world.history.contains(.stepPassedOver(step: step.name))
                guard !isPassedOver, !world.skipped.contains(step.name) else { continue }
                #expect(effects.contains(world.key(step.name)), "seed \(seed): completed without \(step.name)")
            }
            #expect(!world.history.contains { $0.short.hasPrefix("undo") }, "seed \(seed): an undo in a completed saga")
        case .compensated: #expect(effects.isEmpty, "seed \(seed): compensated, but \(effects) remain")
        default: Issue.record("seed \(seed): a fourth end: \(state.status)")
        }
        checkOrder(world.history, seed)
        checkAttempts(world.history, seed)
    }

    /// Undone in reverse order of completion: the first undo of each step, against its success; a step in doubt comes
    /// first.
    private func checkOrder(_ history: [SagaEvent], _ seed: UInt64) {
        var completed: [StepName] = []
        var undone: [StepName] = []
        for event in history {
            switch event {
            case .stepSucceeded(let step, _, _), .stepFailed(let step, _, _, true),
                .resultSetByOperator(let step, _, _, _),
                .skippedByOperator(let step, .forward, _, _):
                completed.append(step)
            case .stepUndone(let step, _), .skippedByOperator(let step, .backward, _, _):
                if !undone.contains(step) { undone.append(step) }
            default: break
            }
        }
        #expect(undone == completed.reversed().filter { undone.contains($0) }, "seed \(seed)")
    }

    /// X1: the number of an attempt rises strictly, so no two executions of a step are taken for one.
    private func checkAttempts(_ history: [SagaEvent], _ seed: UInt64) {
        var last: [String: Int] = [:]
        for event in history {
            let (name, attempt): (String, Int)
            switch event {
            case .stepStarted(let step, let number, _, _, _, _): (name, attempt) = ("do \(step)", number)
            case .undoStarted(let step, let number, _, _, _): (name, attempt) = ("undo \(step)", number)
            default: continue
            }
            #expect(attempt == last[name, default: 0] + 1, "seed \(seed)")
            last[name] = attempt
        }
    }
}
