public import Resilience

/// What every declared step can be told.
public protocol StepDeclaration<State>: Sendable {
    /// The saga's state.
    associatedtype State: Codable & Sendable
    /// The step without its kind in the type.
    var plan: StepPlan<State> { get set }
}

extension StepDeclaration {
    /// Does the step only if a condition on the state holds when its turn comes; otherwise it is passed over.
    ///
    /// - Parameter condition: must answer the same for the same state.
    public func when(_ condition: @escaping @Sendable (State) -> Bool) -> Self {
        var copy = self
        copy.plan.condition = condition
        return copy
    }

    func with<Value>(_ path: WritableKeyPath<StepSettings, Value>, _ value: Value) -> Self {
        var copy = self
        copy.plan.settings[keyPath: path] = value
        return copy
    }
}

/// A step that does something: a call or a command.
public protocol ActionDeclaration: StepDeclaration {}

extension ActionDeclaration {
    /// Limits the step with all its attempts; without limit where this is not said.
    ///
    /// When the time has passed the outcome counts as unknown. A compensatable step is then undone with all before it;
    /// a pivot or a retriable step needs attention. The time runs by the database's clock and survives restarts.
    public func within(_ deadline: Duration) -> Self { with(\.deadline, deadline) }

    /// Limits one attempt: 60 s for a call and 5 minutes for a command where this is not said.
    ///
    /// A call is cancelled then and tried again, a command is sent again under the same key, by the step's policy.
    public func eachAttempt(within deadline: Duration) -> Self { with(\.attemptDeadline, deadline) }

    /// How often the action is tried: 5 times for a compensatable step, 10 for a pivot, without limit for a retriable
    /// one where this is not said.
    public func retry(_ policy: RetryPolicy) -> Self { with(\.retry, policy) }
}
