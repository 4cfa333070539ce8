import EventSourcing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension SagaState {
    /// The state after a whole history, or nil when it does not begin with the saga's start.
    public init?(folding history: some Sequence<SagaEvent>) {
        var iterator = history.makeIterator()
        guard let first = iterator.next(), var state = SagaState(first) else { return nil }
        while let event = iterator.next() { state.fold(event) }
        self = state
    }

    init?(_ event: SagaEvent) {
        guard case .started(let definition, let input, let at) = event else { return nil }
        self.init(definition: definition, status: .waiting, data: SagaData(input: input))
        waitingFor = .start
        dueAt = at
    }

    mutating func fold(_ event: SagaEvent) {
        switch event {
        case .started: break
        case .stepStarted(let step, let attempt, let at, let awaits, let due, let deadline):
            enter(step, attempt: attempt, at: at)
            self.deadline = deadline
            expect(awaits, until: due)
        case .attemptFailed(_, _, let error, let outcome, let retryAt, let pause):
            if outcome == .unknown { mayHaveHappened = true }
            retry(after: error, at: retryAt, pause: pause)
        case .stepSucceeded(let step, _, let result):
            settle(step, result: result, effect: Effect(step: step, certain: true))
        case .stepPassedOver(let step), .timerFired(let step):
            settle(step, result: nil, effect: nil)
        case .stepFailed(let step, _, let error, let mayHaveHappened):
            if mayHaveHappened { effects.append(Effect(step: step, certain: false)) }
            reason = error
            leave()
        case .timerSet(let step, let attempt, let due):
            enter(step, attempt: attempt, at: due)
            wait(for: .timer, until: due)
        default: foldRest(event)
        }
    }

    private mutating func foldRest(_ event: SagaEvent) {
        switch event {
        case .compensationStarted(let reason):
            leave()
            direction = .backward
            failure = reason
        case .undoStarted(let step, let attempt, let at, let awaits, let due):
            enter(step, attempt: attempt, at: at)
            if let index = effects.lastIndex(where: { $0.step == step }) { effects[index].undoAttempts = attempt }
            expect(awaits, until: due)
        case .undoAttemptFailed(_, _, let error, let retryAt, let pause):
            retry(after: error, at: retryAt, pause: pause)
        case .stepUndone(let step, _): settleUndo(of: step)
        case .lateOutcome(let step, _, let direction, let outcome, let result, let undoAgain):
            if let result { data.results[step] = result }
            // An undo that is reported twice says nothing of whether the step had happened.
            if outcome == .succeeded, direction == .forward { confirm(step) }
            if undoAgain, var effect = undone.last(where: { $0.step == step }) {
                effect.undoFloor = effect.undoAttempts
                effects.append(effect)
            }
        case .attentionNeeded(let step, let direction, let reason):
            if self.step != step { enter(step, attempt: 0, at: nil) }
            self.direction = direction
            self.reason = reason
            status = .needsAttention
            waitingFor = nil
            dueAt = nil
        case .retriedByOperator(_, _, _, let at):
            // Whatever the operator knows: how the attempt before ended is not in the history.
            if direction == .forward, attempt > 0 { mayHaveHappened = true }
            attemptsBefore = attempt
            attemptsSince = at
            pause = nil
        case .skippedByOperator(let step, .forward, _, _):
            settle(step, result: nil, effect: Effect(step: step, certain: false))
        case .skippedByOperator(let step, .backward, _, _): settleUndo(of: step)
        case .resultSetByOperator(let step, let result, _, _):
            settle(step, result: result, effect: Effect(step: step, certain: true))
        case .completed: end(.completed)
        case .compensated: end(.compensated)
        default: break
        }
    }
}

extension SagaState {
    private mutating func enter(_ step: StepName, attempt: Int, at: Date?) {
        if self.step != step {
            self.step = step
            attemptsBefore = attempt - 1
            attemptsSince = at
            pause = nil
            deadline = nil
            mayHaveHappened = false
            reason = nil
        }
        self.attempt = attempt
    }

    private mutating func leave() {
        step = nil
        attempt = 0
        attemptsBefore = 0
        attemptsSince = nil
        pause = nil
        deadline = nil
        dueAt = nil
        waitingFor = nil
        mayHaveHappened = false
    }

    private mutating func expect(_ kind: AttemptKind, until due: Date) {
        switch kind {
        case .call:
            status = .running
            waitingFor = nil
            dueAt = due
        case .reply: wait(for: .reply, until: due)
        }
    }

    private mutating func wait(for waiting: Waiting, until due: Date) {
        status = .waiting
        waitingFor = waiting
        dueAt = due
    }

    private mutating func retry(after error: String, at date: Date, pause: Double) {
        reason = error
        self.pause = pause
        wait(for: .retry, until: date)
    }

    private mutating func settle(_ step: StepName, result: JSONValue?, effect: Effect?) {
        settled.append(step)
        if let result { data.results[step] = result }
        if let effect { effects.append(effect) }
        reason = nil
        leave()
    }

    private mutating func settleUndo(of step: StepName) {
        if let index = effects.lastIndex(where: { $0.step == step }) { undone.append(effects.remove(at: index)) }
        reason = nil
        leave()
    }

    /// A step that may have happened has happened.
    private mutating func confirm(_ step: StepName) {
        if let index = effects.lastIndex(where: { $0.step == step }) {
            effects[index].certain = true
        } else if let index = undone.lastIndex(where: { $0.step == step }) {
            undone[index].certain = true
        }
    }

    private mutating func end(_ status: Status) {
        leave()
        self.status = status
        reason = nil
    }
}
