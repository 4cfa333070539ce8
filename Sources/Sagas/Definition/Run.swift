/// What a step sees of the saga it runs for: its state so far, and the key for its effect.
///
/// The state's properties can be read directly. A plain one reads as it is; an optional one, the result of an earlier
/// step, is unwrapped and throws ``SagaError/Code/missingResult`` when it is nil. Use ``state`` to look without
/// throwing.
@dynamicMemberLookup
public struct Run<State: Sendable>: Sendable {
    /// The id the saga was started with.
    public let sagaID: SagaID
    /// The step that runs.
    public let step: StepName
    /// The idempotency key: the same for every attempt of this step and for its undo.
    public let key: IdempotencyKey
    /// The number of this attempt, from 1. It rises strictly, also across restarts.
    public let attempt: Int
    /// The input and the results so far.
    public let state: State

    /// A property of the state.
    public subscript<Value>(dynamicMember path: KeyPath<State, Value>) -> Value { state[keyPath: path] }

    /// The result of an earlier step.
    public subscript<Value>(dynamicMember path: KeyPath<State, Value?>) -> Value {
        get throws {
            guard let value = state[keyPath: path] else {
                throw SagaError(
                    .missingResult,
                    "Step '\(step)' reads \(path), which is nil: the step that sets it was skipped, or stands later.")
            }
            return value
        }
    }
}
