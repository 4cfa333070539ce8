@testable import Sagas

/// What INVARIANTS.md promises of a saga, compared with what became of one: complaints, one for each promise broken.
struct Audit {
    var history: [SagaEvent]
    /// The participant's books: what stands.
    var effects: Set<IdempotencyKey>
    let definition: SagaDefinition
    let skipped: Set<StepName>
    private let key: (StepName) -> IdempotencyKey

    init(_ world: Simulation) {
        history = world.history
        effects = world.participant.effects
        definition = world.definition
        skipped = world.skipped
        key = world.key
    }

    var complaints: [String] { end() + order() + outcomes() + attempts() }

    /// SG1, SG2, SG5: of three ends the saga has one, and the participant's books say the same.
    private func end() -> [String] {
        switch SagaState(folding: history)?.status {
        case .completed:
            let missing = definition.steps.filter { step in
                step.work != .wait && !history.contains(.stepPassedOver(step: step.name))
                    && !skipped.contains(step.name) && !effects.contains(key(step.name))
            }
            let undos = history.filter { $0.short.hasPrefix("undo") }
            return missing.map { "SG1: completed without \($0.name)" }
                + undos.map { "SG1: \($0.short) in a completed saga" }
        case .compensated:
            return effects.map { "SG2, SG5: compensated, and \($0) stands" }
        case let other: return ["SG1: a fourth end: \(String(describing: other))"]
        }
    }

    /// SG1: undone in reverse order of completion: the first undo of each step, against its success; a step in doubt comes
    /// first.
    private func order() -> [String] {
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
        let expected = completed.reversed().filter { undone.contains($0) }
        return undone == expected ? [] : ["SG1: undone in the order \(undone), completed in the order \(completed)"]
    }

    /// SG6: one outcome settles a step on the way forward, and no later one is applied.
    private func outcomes() -> [String] {
        var settled: Set<StepName> = []
        return history.compactMap { event in
            switch event {
            case .stepSucceeded(let step, _, _), .stepFailed(let step, _, _, _),
                .resultSetByOperator(let step, _, _, _), .skippedByOperator(let step, .forward, _, _):
                settled.insert(step).inserted ? nil : "SG6: \(event.short) where \(step) was settled before"
            default: nil
            }
        }
    }

    /// X1: the number of an attempt rises strictly, so no two executions of a step are taken for one.
    private func attempts() -> [String] {
        var last: [String: Int] = [:]
        return history.compactMap { event in
            let (name, attempt): (String, Int)
            switch event {
            case .stepStarted(let step, let number, _, _, _, _): (name, attempt) = ("do \(step)", number)
            case .undoStarted(let step, let number, _, _, _): (name, attempt) = ("undo \(step)", number)
            default: return nil
            }
            defer { last[name] = attempt }
            return attempt == last[name, default: 0] + 1 ? nil : "X1: \(name) #\(attempt) after #\(last[name] ?? 0)"
        }
    }
}
