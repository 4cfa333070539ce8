import Resilience

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One decision under way: the facts so far, and the state with them folded in.
struct SagaDecision<Random: RandomNumberGenerator> {
    let definition: SagaDefinition
    let context: StepContext
    let now: Date
    var random: Random
    var state: SagaState
    var transition = SagaTransition()

    mutating func handle(_ input: SagaInput) {
        switch input {
        case .due: due()
        case .interrupted: interrupted()
        case .outcome(let outcome): self.outcome(outcome)
        case .verb(let verb): self.verb(verb)
        case .unwritable(let reason): unwritable(reason)
        }
    }

    mutating func record(_ event: SagaEvent) {
        state.fold(event)
        transition.events.append(event)
    }

    mutating func needAttention(_ step: StepName, _ direction: SagaDirection, _ reason: String) {
        record(.attentionNeeded(step: step, direction: direction, reason: reason))
    }

    /// The step the saga is at. A definition that does not know it is not the one the saga was started under.
    var current: StepDefinition? { state.step.flatMap { definition[$0] } }

    private mutating func due() {
        guard let dueAt = state.dueAt, now >= dueAt else { return }
        switch (state.status, state.waitingFor) {
        case (.waiting, .start): advance()
        case (.waiting, .timer):
            guard let step = state.step else { return }
            record(.timerFired(step: step))
            advance()
        case (.waiting, .retry), (.waiting, .reply), (.running, _):
            guard let step = current else { return cannotGoOn() }
            switch (state.waitingFor, state.direction) {
            case (.retry, .forward) where deadlinePassed: giveUp(step, "not done within its deadline")
            case (.retry, .forward): begin(step)
            case (.retry, .backward): beginUndo(step)
            case (_, .forward) where deadlinePassed: giveUp(step, "not done within its deadline")
            case (_, .forward): fail(step, overdue(step))
            case (_, .backward): failUndo(step, overdue(step))
            }
        default: break
        }
    }

    private mutating func interrupted() {
        guard state.status == .running else { return }
        guard let step = current else { return cannotGoOn() }
        let error = "the worker that ran this attempt stopped before it could report how it ended"
        switch state.direction {
        case .forward: fail(step, error, again: .atOnce)
        case .backward: failUndo(step, error, again: .atOnce)
        }
    }

    /// The saga stands at a step that the definition no longer has: only a person can say what became of it.
    private mutating func cannotGoOn() {
        guard let step = state.step else { return }
        needAttention(
            step, state.direction,
            "version \(definition.version) of the definition has no step '\(step)', at which the saga stands")
    }

    private mutating func unwritable(_ reason: String) {
        guard !state.isFinished, let step = state.step ?? definition.steps.first?.name else { return }
        needAttention(step, state.direction, "what came next could not be stored: \(reason)")
    }

    /// When the next attempt begins, if the policy allows one.
    enum Again {
        /// After the policy's pause.
        case afterPause
        /// Now: the pause is there to spare a participant that fails, and it was the worker that failed.
        case atOnce
    }

    /// The pause that a policy makes after the current attempt, or nil when it allows no further one.
    mutating func pause(by policy: RetryPolicy) -> Duration? {
        policy.next(
            afterAttempt: max(1, state.attempt - state.attemptsBefore),
            elapsed: .seconds(state.attemptsSince.map { now.timeIntervalSince($0) } ?? 0),
            previous: state.pause.map { .seconds($0) }, using: &random)
    }

    private var deadlinePassed: Bool { state.deadline.map { now >= $0 } ?? false }

    private func overdue(_ step: StepDefinition) -> String {
        let what = state.status == .running ? "the call did not end" : "no reply came"
        return "\(what) within \(step.settings.attemptDeadline)"
    }
}
