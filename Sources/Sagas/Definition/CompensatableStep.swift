import EventSourcing
public import Resilience

/// A step that can be undone, in a saga written as `Compensatable`.
///
/// The intent to do it, and with that to undo it, is durable before the action starts. Undo runs for every such step
/// that may have taken effect, in reverse order of completion, with the action's idempotency key.
public struct CompensatableStep<State: Codable & Sendable>: ActionDeclaration {
    /// The step without its kind in the type.
    public var plan: StepPlan<State>

    /// A call whose result goes into the state.
    ///
    /// - Parameters:
    ///   - name: unique in the saga.
    ///   - path: the optional property that takes the result.
    ///   - action: may run more than once, always with the same `key`.
    ///   - undo: gets the result, or nil when the outcome is unknown; undo by `key` is the rule. It may run more than
    ///     once and must succeed when there is nothing to undo.
    public init<Result: Codable & Sendable>(
        _ name: StepName, into path: any WritableKeyPath<State, Result?> & Sendable,
        action: @escaping @Sendable (Run<State>) async throws -> Result,
        undo: @escaping @Sendable (Run<State>, Result?) async throws -> Void
    ) {
        plan = StepPlan(
            name, .compensatable, .action(returning: action),
            undo: .call { run, result in try await undo(run, result?.decode(Result.self)) }, slot: .init(path))
    }

    /// A call without a result.
    ///
    /// - Parameters:
    ///   - name: unique in the saga.
    ///   - action: may run more than once, always with the same `key`.
    ///   - undo: may run more than once and must succeed when there is nothing to undo.
    public init(
        _ name: StepName, action: @escaping @Sendable (Run<State>) async throws -> Void,
        undo: @escaping @Sendable (Run<State>) async throws -> Void
    ) {
        let work = StepPlan<State>.Work.call { run in
            try await action(run)
            return nil
        }
        plan = StepPlan(name, .compensatable, work, undo: .call { run, _ in try await undo(run) })
    }

    /// A command whose reply goes into the state.
    ///
    /// - Parameters:
    ///   - name: unique in the saga.
    ///   - destination: the topic the commands are sent to.
    ///   - path: the optional property that takes the reply.
    ///   - command: makes the command from the state; must make the same for the same state.
    ///   - undo: makes the command that undoes it; gets the reply, or nil when the outcome is unknown.
    public init<Command: SagaCommand, UndoCommand: SagaCommand>(
        _ name: StepName, to destination: String, into path: any WritableKeyPath<State, Command.Reply?> & Sendable,
        command: @escaping @Sendable (Run<State>) throws -> Command,
        undo: @escaping @Sendable (Run<State>, Command.Reply?) throws -> UndoCommand
    ) {
        plan = StepPlan(
            name, .compensatable, .command(to: destination, making: command),
            undo: .command(to: destination) { run, reply in
                try CommandBody(undo(run, reply?.decode(Command.Reply.self)))
            }, slot: .init(path))
    }

    /// A command whose reply is not kept.
    ///
    /// - Parameters:
    ///   - name: unique in the saga.
    ///   - destination: the topic the commands are sent to.
    ///   - command: makes the command from the state; must make the same for the same state.
    ///   - undo: makes the command that undoes it.
    public init<Command: SagaCommand, UndoCommand: SagaCommand>(
        _ name: StepName, to destination: String, command: @escaping @Sendable (Run<State>) throws -> Command,
        undo: @escaping @Sendable (Run<State>) throws -> UndoCommand
    ) {
        plan = StepPlan(
            name, .compensatable, .command(to: destination, making: command),
            undo: .command(to: destination) { run, _ in try CommandBody(undo(run)) })
    }

    /// How often the undo is tried before the saga needs attention: 20 times where this is not said.
    public func retryUndo(_ policy: RetryPolicy) -> Self { with(\.undoRetry, policy) }
}
