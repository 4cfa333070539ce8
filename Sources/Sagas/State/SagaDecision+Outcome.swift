import EventSourcing

extension SagaDecision {
    /// A call ended or a reply came. Every attempt of a step, and its undo, share one key, so a success of any attempt
    /// is the step's; a failure says something only about its own attempt.
    mutating func outcome(_ outcome: StepOutcome) {
        guard state.step == outcome.step, state.direction == outcome.direction, !state.isFinished,
            state.waitingFor != .timer, let step = current
        else { return late(outcome) }
        switch (outcome.direction, outcome.result) {
        case (.forward, .succeeded(let result)): succeed(step, outcome, result: result)
        case (.backward, .succeeded) where outcome.attempt > undoFloor: succeedUndo(step, attempt: outcome.attempt)
        case (.forward, .refused(let reason)) where isLatest(outcome) && mayStillDecide: refuse(step, reason)
        case (.forward, .failed(let error)) where isLatest(outcome) && isAwaited: fail(step, error)
        case (.backward, .refused(let error)) where isLatest(outcome) && isAwaited: failUndo(step, error)
        case (.backward, .failed(let error)) where isLatest(outcome) && isAwaited: failUndo(step, error)
        default: late(outcome)
        }
    }

    /// Whether somebody is expected to say how the current attempt ended.
    var isAwaited: Bool { state.status == .running || (state.status == .waiting && state.waitingFor == .reply) }

    /// The undo attempts of the current step that were made before a success of it that came late: their own successes, late
    /// too, don't answer for that one.
    private var undoFloor: Int { state.effects.last { $0.step == state.step }?.undoFloor ?? 0 }

    private func isLatest(_ outcome: StepOutcome) -> Bool { outcome.attempt == state.attempt }

    /// A refusal also settles a step that was given up as unknown and waits for a person, or for its next attempt.
    private var mayStillDecide: Bool {
        isAwaited || state.status == .needsAttention || (state.status == .waiting && state.waitingFor == .retry)
    }

    /// Recorded, and undone where it has to be (SG6): a success that comes while the saga goes back is undone, once
    /// more where the undo was done before it came.
    mutating func late(_ outcome: StepOutcome) {
        var undoAgain = false
        var kept: JSONValue?
        var isForGood = false
        var kind = OutcomeKind.failed
        switch outcome.result {
        case .failed: break
        case .refused: kind = .refused
        case .succeeded(let result):
            kind = .succeeded
            guard outcome.direction == .forward, state.direction == .backward, !state.isFinished else { break }
            let fits = (try? definition[outcome.step]?.check(result)) != nil
            if let step = definition[outcome.step], !step.isUndoable {
                isForGood = true
                if fits { kept = result }
                break
            }
            let known = (state.effects + state.undone).last { $0.step == outcome.step }
            guard let known, !known.certain else { break }
            undoAgain = !state.effects.contains { $0.step == outcome.step }
            if fits { kept = result }
        }
        record(
            .lateOutcome(
                step: outcome.step, attempt: outcome.attempt, direction: outcome.direction, outcome: kind, result: kept,
                undoAgain: undoAgain))
        if isForGood, state.step != outcome.step || state.status != .needsAttention {
            needAttention(
                outcome.step, .backward,
                """
                It has happened after all, while the saga goes back, and it can't be undone. Make it good by hand, then \
                skip it: the saga goes on undoing.
                """)
        }
        // A saga that stands at another undo takes the step up when that is done; one that needs attention waits for a
        // person.
    }
}
