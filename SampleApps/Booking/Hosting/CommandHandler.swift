import Skald

/// What a service does with one type of command.
struct CommandHandler: Sendable {
    let type: String
    let handle: @Sendable (ReceivedCommand, WorkUnit) async throws -> any Codable & Sendable

    /// Handles a command that is answered with a value. Throwing a ``SagaRefusal`` answers "no, and never".
    @_disfavoredOverload
    static func on<C: SagaCommand>(
        _ type: C.Type, _ body: @escaping @Sendable (C, WorkUnit) async throws -> C.Reply
    ) -> CommandHandler {
        CommandHandler(type: C.messageType) { command, work in try await body(command.decode(C.self), work) }
    }

    /// Handles a command that is answered with "done".
    static func on<C: SagaCommand>(
        _ type: C.Type, _ body: @escaping @Sendable (C, WorkUnit) async throws -> Void
    ) -> CommandHandler where C.Reply == Done {
        CommandHandler(type: C.messageType) { command, work in
            try await body(command.decode(C.self), work)
            return Done()
        }
    }
}
