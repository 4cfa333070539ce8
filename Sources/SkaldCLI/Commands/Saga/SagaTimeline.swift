import EventSourcing
import Sagas

/// A saga's history for a person to read: which step, and what there is to say about it. With `--json` all of it is told.
struct SagaTimeline: Sendable {
    let history: [RecordedEvent]

    func lines(_ style: OutputStyle) -> [String] {
        var table = Table([.init("WHEN"), .init("EVENT"), .init("STEP"), .init("NOTE", minimum: 12)])
        for event in history {
            let (step, note) = Self.told(event)
            let name = event.type.hasPrefix("$saga.") ? String(event.type.dropFirst("$saga.".count)) : event.type
            table.append([
                .init(Moment.text(event.recordedAt)), .init(name), .init(step.map { "\($0)" } ?? "-"), .init(note),
            ])
        }
        return table.lines(style)
    }

    /// An event of a later version, which this program does not know, is told as it is stored.
    private static func told(_ event: RecordedEvent) -> (step: StepName?, note: String) {
        guard let facts = try? EventCoding().decode(event, as: SagaEvent.self), let fact = facts.first?.event else {
            return (nil, EventLine(event: event).data)
        }
        return (fact.step, fact.note)
    }
}

extension SagaEvent {
    /// The step that it is about.
    fileprivate var step: StepName? {
        switch self {
        case .stepStarted(let step, _, _, _, _, _), .attemptFailed(let step, _, _, _, _, _),
            .stepSucceeded(let step, _, _), .stepPassedOver(let step), .stepFailed(let step, _, _, _),
            .timerSet(let step, _, _), .timerFired(let step), .undoStarted(let step, _, _, _, _),
            .undoAttemptFailed(let step, _, _, _, _), .stepUndone(let step, _), .lateOutcome(let step, _, _, _, _, _),
            .attentionNeeded(let step, _, _), .retriedByOperator(let step, _, _, _),
            .skippedByOperator(let step, _, _, _), .resultSetByOperator(let step, _, _, _):
            step
        case .started, .compensationStarted, .operatorRefused, .completed, .compensated: nil
        }
    }

    fileprivate var note: String {
        switch self {
        case .started(_, let input, _): text(input)
        case .stepStarted(_, let attempt, _, let kind, _, _), .undoStarted(_, let attempt, _, let kind, _):
            "attempt \(attempt), a \(kind == .call ? "call" : "command")"
        case .attemptFailed(_, let attempt, let error, _, let again, _),
            .undoAttemptFailed(_, let attempt, let error, let again, _):
            "attempt \(attempt): \(error); again at \(Moment.text(again))"
        case .stepSucceeded(_, _, let result): result.map(text) ?? ""
        case .stepFailed(_, _, let error, let mayHaveHappened):
            error + (mayHaveHappened ? "; it may have happened" : "")
        case .timerSet(_, _, let due): "until \(Moment.text(due))"
        case .compensationStarted(let reason), .attentionNeeded(_, _, let reason): reason
        case .lateOutcome(_, let attempt, _, let outcome, _, let undoAgain):
            "attempt \(attempt): \(outcome.rawValue)\(undoAgain ? "; to be undone again" : "")"
        case .retriedByOperator(_, let actor, let reason, _), .skippedByOperator(_, _, let actor, let reason):
            "\(actor): \(reason)"
        case .resultSetByOperator(_, let result, let actor, let reason):
            "\(actor): \(reason)\(result.map { "; \(text($0))" } ?? "")"
        case .operatorRefused(let verb, let actor, let reason, let because):
            "\(verb), asked for by \(actor) (\(reason)): \(because)"
        case .stepPassedOver, .timerFired, .stepUndone, .completed, .compensated: ""
        }
    }

    private func text(_ value: JSONValue) -> String {
        (try? value.json()).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
