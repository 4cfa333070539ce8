import EventSourcing

/// A step without its types.
public struct StepDefinition: Sendable {
    /// What the step does.
    public enum Work: Sendable, Hashable {
        /// Runs a closure.
        case call
        /// Sends a command to a destination and waits for its reply.
        case command(to: String)
        /// Lets time pass.
        case wait
    }

    /// The step's name.
    public let name: StepName
    /// What it means for the way back.
    public let kind: StepKind
    /// What it does.
    public let work: Work
    /// Whether it has a condition.
    public let isConditional: Bool
    /// Its limits and policies.
    public let settings: StepSettings
    /// Whether the saga can still go back when this step fails.
    public let canGoBack: Bool

    let isWanted: @Sendable (SagaData) throws -> Bool
    /// Throws when a result does not have the step's result type.
    let check: @Sendable (JSONValue?) throws -> Void
    let forward: Closures
    let backward: Closures?

    /// What runs in one direction; which of them are set follows from the kind of work.
    struct Closures: Sendable {
        var call: (@Sendable (StepContext, Int, SagaData) async throws -> JSONValue?)?
        var command: (@Sendable (StepContext, Int, SagaData) throws -> (to: String, body: CommandBody))?
        var pause: (@Sendable (StepContext, Int, SagaData) throws -> Duration)?
    }

    init<State>(
        _ plan: StepPlan<State>, canGoBack: Bool, decode: @escaping @Sendable (SagaData) throws -> State
    ) {
        let name = plan.name
        self.name = name
        self.canGoBack = canGoBack
        kind = plan.kind
        settings = plan.settings
        isConditional = plan.condition != nil
        isWanted = { [condition = plan.condition] data in
            guard let condition else { return true }
            return try condition(decode(data))
        }
        check = { [slot = plan.slot] result in
            guard let slot else { return }
            guard let result else {
                throw SagaError(.undecodable, "Step '\(name)' must have a result.")
            }
            try slot.check(result)
        }
        switch plan.work {
        case .call(let action):
            work = .call
            forward = Closures(call: { context, attempt, data in
                try await action(context.run(name, attempt: attempt, state: decode(data)))
            })
        case .command(let destination, let make):
            work = .command(to: destination)
            forward = Closures(command: { context, attempt, data in
                (destination, try make(context.run(name, attempt: attempt, state: decode(data))))
            })
        case .wait(let duration):
            work = .wait
            forward = Closures(pause: { context, attempt, data in
                try duration(context.run(name, attempt: attempt, state: decode(data)))
            })
        }
        backward = plan.undo.map { undo in Closures(undo, of: name, decode: decode) }
    }
}

extension StepDefinition.Closures {
    fileprivate init<State>(
        _ undo: StepPlan<State>.Undo, of name: StepName, decode: @escaping @Sendable (SagaData) throws -> State
    ) {
        switch undo {
        case .call(let undo):
            call = { context, attempt, data in
                try await undo(context.run(name, attempt: attempt, state: decode(data)), data.results[name])
                return nil
            }
        case .command(let destination, let make):
            command = { context, attempt, data in
                let run = context.run(name, attempt: attempt, state: try decode(data))
                return (destination, try make(run, data.results[name]))
            }
        }
    }
}
