/// A pause that survives restarts, in a saga written as `Wait`.
///
/// It ends by the database's clock, never early. If it ends while no worker runs it ends when one comes back.
public struct WaitStep<State: Codable & Sendable>: StepDeclaration {
    /// The step without its kind in the type.
    public var plan: StepPlan<State>

    /// A pause whose length may depend on the state.
    ///
    /// - Parameters:
    ///   - name: unique in the saga.
    ///   - duration: the length from the moment the step's turn comes; a negative one counts as zero.
    public init(_ name: StepName, _ duration: @escaping @Sendable (Run<State>) throws -> Duration) {
        plan = StepPlan(name, .wait, .wait(duration))
    }
}
