import EventSourcing

/// A step as the builder collects it: its kind, its closures, its settings. The typed steps are thin faces of this.
public struct StepPlan<State: Codable & Sendable>: Sendable {
    var name: StepName
    var kind: StepKind
    var work: Work
    var undo: Undo?
    var slot: Slot?
    var condition: (@Sendable (State) -> Bool)?
    var settings: StepSettings

    /// What the step does.
    enum Work: Sendable {
        case call(@Sendable (Run<State>) async throws -> JSONValue?)
        case command(to: String, @Sendable (Run<State>) throws -> CommandBody)
        case wait(@Sendable (Run<State>) throws -> Duration)
    }

    /// How it is undone. The result is nil when the outcome is unknown, or the step has none.
    enum Undo: Sendable {
        case call(@Sendable (Run<State>, JSONValue?) async throws -> Void)
        case command(to: String, @Sendable (Run<State>, JSONValue?) throws -> CommandBody)
    }

    /// Where the result goes.
    struct Slot: Sendable {
        let path: any PartialKeyPath<State> & Sendable
        let set: @Sendable (inout State, JSONValue) throws -> Void
        let check: @Sendable (JSONValue) throws -> Void

        init<Result: Codable & Sendable>(_ path: any WritableKeyPath<State, Result?> & Sendable) {
            self.path = path
            set = { state, value in state[keyPath: path] = try value.decode(Result.self) }
            check = { value in _ = try value.decode(Result.self) }
        }
    }

    init(_ name: StepName, _ kind: StepKind, _ work: Work, undo: Undo? = nil, slot: Slot? = nil) {
        self.name = name
        self.kind = kind
        self.work = work
        self.undo = undo
        self.slot = slot
        settings = .defaults(for: kind, command: work.isCommand)
    }
}

extension StepPlan.Work {
    var isCommand: Bool {
        if case .command = self { true } else { false }
    }

    static func action<Result: Codable & Sendable>(
        returning action: @escaping @Sendable (Run<State>) async throws -> Result
    ) -> Self {
        .call { run in try await JSONValue(encoding: action(run)) }
    }

    static func command<Command: SagaCommand>(
        to destination: String, making command: @escaping @Sendable (Run<State>) throws -> Command
    ) -> Self {
        .command(to: destination) { run in try CommandBody(command(run)) }
    }
}

/// A command as it is written to the outbox.
struct CommandBody: Sendable, Hashable {
    let type: String
    let payload: JSONValue

    init<Command: SagaCommand>(_ command: Command) throws {
        type = Command.messageType
        payload = try JSONValue(encoding: command)
    }
}
