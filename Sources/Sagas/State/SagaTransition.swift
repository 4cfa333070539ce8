/// What one input does to a saga: written in one commit, then acted on.
struct SagaTransition: Sendable, Hashable {
    /// The facts, for the history; empty when the input changes nothing.
    var events: [SagaEvent] = []
    /// The commands, for the outbox.
    var commands: [OutgoingCommand] = []
}

/// A command on its way to a participant.
struct OutgoingCommand: Sendable, Hashable {
    let destination: String
    let body: CommandBody
    let key: IdempotencyKey
    let step: StepName
    let direction: SagaDirection
    let attempt: Int
}

/// What a worker has to do for a saga in a state; it follows from the state alone, so a crash forgets nothing.
enum SagaAction: Sendable, Hashable {
    /// Run the step's call.
    case perform(StepName, attempt: Int)
    /// Run the step's undo.
    case undo(StepName, attempt: Int)

    /// The attempt that an outcome tells about.
    init(_ outcome: StepOutcome) {
        switch outcome.direction {
        case .forward: self = .perform(outcome.step, attempt: outcome.attempt)
        case .backward: self = .undo(outcome.step, attempt: outcome.attempt)
        }
    }

    init?(_ state: SagaState) {
        guard state.status == .running, let step = state.step else { return nil }
        switch state.direction {
        case .forward: self = .perform(step, attempt: state.attempt)
        case .backward: self = .undo(step, attempt: state.attempt)
        }
    }
}
