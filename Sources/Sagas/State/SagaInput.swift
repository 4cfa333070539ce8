import EventSourcing

/// What can happen to a saga under way.
enum SagaInput: Sendable, Hashable {
    /// Its due time has come, by the database's clock.
    case due
    /// A worker took it over while a call was running: nobody knows how the call ended.
    case interrupted
    /// A call ended, or a participant replied.
    case outcome(StepOutcome)
    /// An operator asks for something.
    case verb(OperatorVerb)
    /// What had been decided can't be stored: the database refuses it, and would again.
    case unwritable(String)
}

/// How an attempt of a step or of its undo ended.
struct StepOutcome: Sendable, Hashable, Codable {
    enum Result: Sendable, Hashable, Codable {
        case succeeded(result: JSONValue?)
        /// For certain: it was not done and will not be.
        case refused(reason: String)
        /// It may have been done.
        case failed(error: String)
    }

    let step: StepName
    let direction: SagaDirection
    let attempt: Int
    let result: Result
}

/// What an operator can ask of a saga, with a name and a reason for the record.
struct OperatorVerb: Sendable, Hashable, Codable {
    enum Verb: Sendable, Hashable, Codable {
        /// Try the current step, or undo, again at once.
        case retry
        /// Go on as if the current step were done without a result, or the current undo were done.
        case skip
        /// Go on as if the current step had returned this.
        case setResult(result: JSONValue)

        var name: String {
            switch self {
            case .retry: "retry"
            case .skip: "skip"
            case .setResult: "set-result"
            }
        }
    }

    let verb: Verb
    /// The step the operator means; the saga may have moved on since they looked.
    let step: StepName?
    let actor: String
    let reason: String
}
