public import EventSourcing

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What an operator asks of a saga. Whether it is done or refused, it becomes an event of the saga's history with the
/// actor and the reason.
public struct SagaRequest: Sendable, Hashable {
    /// The stored name of the verb.
    let verb: String
    let result: JSONValue?
    /// Asking again under one id asks once, also when it has been done meanwhile; the database keeps ids for 30 days.
    public let id: UUID
    /// Who asks.
    public let actor: String
    /// Why.
    public let reason: String
    /// The step that is meant: a saga that has moved on refuses. Nil, which only a retry may say, means whatever step it is at.
    public let step: StepName?

    /// Try the current step, or its undo, again at once, its attempts counted anew.
    public static func retry(step: StepName? = nil, actor: String, reason: String, id: UUID = UUID()) -> SagaRequest {
        SagaRequest(verb: "retry", result: nil, id: id, actor: actor, reason: reason, step: step)
    }

    /// Go on as if the step were done without a result, or its undo were done, if the saga is at that step.
    public static func skip(step: StepName, actor: String, reason: String, id: UUID = UUID()) -> SagaRequest {
        SagaRequest(verb: "skip", result: nil, id: id, actor: actor, reason: reason, step: step)
    }

    /// Go on as if the step had returned this, if the saga is at that step. It holds the result to the step's type.
    public static func setResult(
        _ result: JSONValue, step: StepName, actor: String, reason: String, id: UUID = UUID()
    ) -> SagaRequest {
        SagaRequest(verb: "set-result", result: result, id: id, actor: actor, reason: reason, step: step)
    }
}
