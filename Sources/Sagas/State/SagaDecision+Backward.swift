#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension SagaDecision {
    mutating func goBack(_ reason: String) {
        record(.compensationStarted(reason: reason))
        undoNext()
    }

    /// Undoes what completed last, or ends when nothing is left that may have happened.
    mutating func undoNext() {
        while let effect = state.effects.last(where: { definition[$0.step]?.isUndoable ?? true }) {
            guard let step = definition[effect.step] else {
                return needAttention(
                    effect.step, .backward,
                    "version \(definition.version) of the definition has no step '\(effect.step)' to undo")
            }
            return beginUndo(step)
        }
        record(.compensated)
    }

    /// Records the intent of the next attempt to undo; what has to be sent leaves with it.
    mutating func beginUndo(_ step: StepDefinition) {
        let attempt = 1 + (state.effects.last { $0.step == step.name }?.undoAttempts ?? 0)
        do {
            if let command = step.backward?.command {
                send(try command(context, attempt, state.data), for: step, .backward, attempt: attempt)
            }
        } catch {
            return needAttention(step.name, .backward, "the undo could not be started: \(error.text)")
        }
        record(
            .undoStarted(
                step: step.name, attempt: attempt, at: now, awaits: step.backward?.command == nil ? .call : .reply,
                due: now.adding(step.settings.attemptDeadline)))
    }

    mutating func succeedUndo(_ step: StepDefinition, attempt: Int) {
        record(.stepUndone(step: step.name, attempt: attempt))
        undoNext()
    }

    /// An undo that failed, for whatever reason, is not done (SG5): tried again by its policy, then shown to a person.
    mutating func failUndo(_ step: StepDefinition, _ error: String, again: Again = .afterPause) {
        guard var pause = pause(by: step.settings.undoRetry) else {
            return needAttention(
                step.name, .backward, "the undo failed after \(state.attempt) attempts: \(error)")
        }
        if again == .atOnce { pause = .zero }
        record(
            .undoAttemptFailed(
                step: step.name, attempt: state.attempt, error: error, retryAt: now.adding(pause),
                pause: pause / .seconds(1)))
        if again == .atOnce { beginUndo(step) }
    }
}

extension StepDefinition {
    var isUndoable: Bool { backward != nil }
}
