import EventSourcing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension SagaDecision {
    /// Goes on to the next step that is wanted, or to the end.
    mutating func advance() {
        while let step = definition.steps.first(where: { !state.settled.contains($0.name) }) {
            do {
                if try step.isWanted(state.data) { return begin(step) }
            } catch {
                return cannotBegin(step, error)
            }
            record(.stepPassedOver(step: step.name))
        }
        record(.completed)
    }

    /// Records the intent of the next attempt; what has to be sent leaves with it.
    mutating func begin(_ step: StepDefinition) {
        let attempt = state.step == step.name ? state.attempt + 1 : 1
        do {
            if let pause = step.forward.pause {
                let due = now.adding(max(try pause(context, attempt, state.data), .zero))
                return record(.timerSet(step: step.name, attempt: attempt, due: due))
            }
            if let command = step.forward.command {
                send(try command(context, attempt, state.data), for: step, .forward, attempt: attempt)
            }
        } catch {
            return cannotBegin(step, error)
        }
        let isFirst = state.step != step.name || state.attempt == state.attemptsBefore
        let deadline = isFirst ? step.settings.deadline.map { now.adding($0) } : state.deadline
        let due = now.adding(step.settings.attemptDeadline)
        record(
            .stepStarted(
                step: step.name, attempt: attempt, at: now, awaits: step.forward.command == nil ? .call : .reply,
                due: min(due, deadline ?? due), deadline: deadline))
    }

    mutating func succeed(_ step: StepDefinition, _ outcome: StepOutcome, result: JSONValue?) {
        do {
            try step.check(result)
        } catch {
            // It has happened, but what it returned can't be used: as good as unknown, and undone if it can't be had.
            guard outcome.attempt == state.attempt, isAwaited else { return late(outcome) }
            return fail(step, "the result does not fit the step's type: \(error.text)")
        }
        record(.stepSucceeded(step: step.name, attempt: outcome.attempt, result: result))
        advance()
    }

    /// An attempt whose outcome is unknown: tried again by the policy.
    mutating func fail(_ step: StepDefinition, _ error: String, again: Again = .afterPause) {
        guard var pause = pause(by: step.settings.retry) else { return giveUp(step, error) }
        if again == .atOnce { pause = .zero }
        let retryAt = now.adding(pause)
        if let deadline = state.deadline, retryAt >= deadline { return giveUp(step, error) }
        record(
            .attemptFailed(
                step: step.name, attempt: state.attempt, error: error, outcome: .unknown, retryAt: retryAt,
                pause: pause / .seconds(1)))
        if again == .atOnce { begin(step) }
    }

    /// No further attempt, and nobody knows whether one of them has taken effect.
    mutating func giveUp(_ step: StepDefinition, _ error: String) {
        let attempts = state.attempt == 1 ? "1 attempt" : "\(state.attempt) attempts"
        let error = "gave up after \(attempts): \(error)"
        switch step.kind {
        case .compensatable:
            record(
                .stepFailed(step: step.name, attempt: state.attempt, error: error, mayHaveHappened: true))
            goBack("step '\(step.name)' \(error)")
        case .pivot:
            needAttention(
                step.name, .forward,
                """
                \(error). Whether the pivot has happened is not known, so the saga can go neither back nor \
                forward. Find out, then retry, skip, or set the result.
                """)
        case .retriable, .wait:
            needAttention(step.name, .forward, "\(error). The saga is past its pivot and can't go back.")
        }
    }

    /// A participant said for certain that it is not done and will not be.
    mutating func refuse(_ step: StepDefinition, _ reason: String) {
        guard step.canGoBack else {
            return needAttention(
                step.name, .forward, "refused: \(reason). The saga is past its pivot and can't go back.")
        }
        // A refusal answers for the key. An undo costs little, so an earlier attempt that is in doubt is undone all the
        // same.
        let undo = step.kind == .compensatable && state.mayHaveHappened
        record(.stepFailed(step: step.name, attempt: state.attempt, error: reason, mayHaveHappened: undo))
        goBack("step '\(step.name)' was refused: \(reason)")
    }

    /// The attempt could not even be made: the condition or the command threw.
    private mutating func cannotBegin(_ step: StepDefinition, _ error: any Error) {
        let attempt = state.step == step.name ? state.attempt : 0
        let inDoubt = attempt > 0 && state.mayHaveHappened
        let error = "could not be started: \(error.text)"
        guard step.canGoBack, step.kind == .compensatable || !inDoubt else {
            return needAttention(step.name, .forward, error)
        }
        record(.stepFailed(step: step.name, attempt: attempt, error: error, mayHaveHappened: inDoubt))
        goBack("step '\(step.name)' \(error)")
    }

    mutating func send(
        _ command: (to: String, body: CommandBody), for step: StepDefinition, _ direction: SagaDirection, attempt: Int
    ) {
        let key = IdempotencyKey(tenant: context.tenant, saga: context.saga, id: context.id, step: step.name)
        transition.commands.append(
            OutgoingCommand(
                destination: command.to, body: command.body, key: key, step: step.name, direction: direction,
                attempt: attempt))
    }
}

extension Error {
    /// The error for the journal: its type and description, at most 1,000 characters.
    var text: String {
        if let error = self as? SagaError { return error.message }
        return String("\(type(of: self)): \(self)".prefix(1000))
    }
}
