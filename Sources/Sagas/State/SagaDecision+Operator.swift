extension SagaDecision {
    /// An operator's request is a fact with actor and reason whether it is done or refused (SG11).
    mutating func verb(_ request: OperatorVerb) {
        if let objection = objection(to: request) {
            return record(
                .operatorRefused(
                    verb: request.verb.name, actor: request.actor, reason: request.reason, because: objection))
        }
        guard let step = current else { return }
        switch request.verb {
        case .retry:
            record(.retriedByOperator(step: step.name, actor: request.actor, reason: request.reason, at: now))
            if state.direction == .forward { begin(step) } else { beginUndo(step) }
        case .skip:
            record(
                .skippedByOperator(
                    step: step.name, direction: state.direction, actor: request.actor, reason: request.reason))
            if state.direction == .forward { advance() } else { undoNext() }
        case .setResult(let result):
            record(
                .resultSetByOperator(
                    step: step.name, result: result, actor: request.actor, reason: request.reason))
            advance()
        }
    }

    /// Why a request can't be done now, or nil when it can.
    private func objection(to request: OperatorVerb) -> String? {
        guard !state.isFinished else { return "the saga has ended: \(state.status.rawValue)" }
        guard let name = state.step else { return "the saga has not begun its first step" }
        guard let step = current else {
            return "version \(definition.version) of the definition has no step '\(name)'"
        }
        if let meant = request.step, meant != name { return "the saga is no longer at '\(meant)' but at '\(name)'" }
        if state.status == .running { return "'\(name)' is running (attempt \(state.attempt)): wait for its outcome" }
        switch request.verb {
        case .retry:
            if state.direction == .backward, !step.isUndoable {
                return "'\(name)' can't be undone: skip it when it has been made good by hand"
            }
            return state.waitingFor == .timer ? "'\(name)' is a pause: skip it to go on at once" : nil
        case .skip: return nil
        case .setResult(let result):
            if state.direction == .backward { return "an undo has no result: skip it when it has been done by hand" }
            if state.waitingFor == .timer { return "'\(name)' is a pause and has no result: skip it" }
            do { try step.check(result) } catch { return "the result does not fit the step's type: \(error.text)" }
            return nil
        }
    }
}
