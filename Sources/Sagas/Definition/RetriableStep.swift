/// A step after the point of no return, in a saga written as `Retriable`: repeated until it succeeds.
///
/// A refusal, or the end of its policy or deadline where it has one, makes the saga need attention: it never goes back
/// from here.
public struct RetriableStep<State: Codable & Sendable>: ActionDeclaration {
    /// The step without its kind in the type.
    public var plan: StepPlan<State>

    /// A call whose result goes into the state.
    ///
    /// - Parameters:
    ///   - name: unique in the saga.
    ///   - path: the optional property that takes the result.
    ///   - action: may run more than once, always with the same `key`.
    public init<Result: Codable & Sendable>(
        _ name: StepName, into path: any WritableKeyPath<State, Result?> & Sendable,
        action: @escaping @Sendable (Run<State>) async throws -> Result
    ) {
        plan = StepPlan(name, .retriable, .action(returning: action), slot: .init(path))
    }

    /// A call without a result.
    ///
    /// - Parameters:
    ///   - name: unique in the saga.
    ///   - action: may run more than once, always with the same `key`.
    public init(_ name: StepName, action: @escaping @Sendable (Run<State>) async throws -> Void) {
        let work = StepPlan<State>.Work.call { run in
            try await action(run)
            return nil
        }
        plan = StepPlan(name, .retriable, work)
    }

    /// A command whose reply goes into the state.
    ///
    /// - Parameters:
    ///   - name: unique in the saga.
    ///   - destination: the topic the command is sent to.
    ///   - path: the optional property that takes the reply.
    ///   - command: makes the command from the state; must make the same for the same state.
    public init<Command: SagaCommand>(
        _ name: StepName, to destination: String, into path: any WritableKeyPath<State, Command.Reply?> & Sendable,
        command: @escaping @Sendable (Run<State>) throws -> Command
    ) {
        plan = StepPlan(name, .retriable, .command(to: destination, making: command), slot: .init(path))
    }

    /// A command whose reply is not kept.
    ///
    /// - Parameters:
    ///   - name: unique in the saga.
    ///   - destination: the topic the command is sent to.
    ///   - command: makes the command from the state; must make the same for the same state.
    public init<Command: SagaCommand>(
        _ name: StepName, to destination: String, command: @escaping @Sendable (Run<State>) throws -> Command
    ) {
        plan = StepPlan(name, .retriable, .command(to: destination, making: command))
    }
}
