import EventSourcing
public import Outbox
public import Postgres
public import PostgresEventStore

/// A participant's guard: what it has done, refused and undone for sagas, by idempotency key.
///
/// ```swift
/// let reply = try await effects.handle(command, in: tx) {
///     .succeeded(try await hold(…))        // the action, once
/// } undo: {
///     try await release(…)                 // only if there is something to undo
/// }
/// try await tx.enqueue([reply], to: command.replyTo)
/// ```
///
/// A command that comes twice gets the answer of the first time; an undo that comes first leaves a tombstone, and the
/// action that comes late is refused. The guard's row, the effect and the reply commit together.
public struct SagaEffects: Sendable {
    /// How an action ended.
    public enum Answer: Sendable {
        /// It was done; the value is the reply.
        case succeeded(any Codable & Sendable)
        /// It was not done and will not be.
        case refused(String)
    }

    private let schema: SchemaName
    private let tenant: String

    /// Makes the guard of a participant's own database.
    public init(schema: SchemaName = .standard, tenant: String = "") {
        self.schema = schema
        self.tenant = tenant
    }

    /// Handles a command once.
    ///
    /// - Parameters:
    ///   - transaction: the one in which the effect happens and the reply is enqueued.
    ///   - action: does it; runs if the key is new.
    ///   - undo: undoes it; runs if the key was done and not undone yet.
    /// - Returns: the reply to enqueue to the command's `replyTo`.
    /// - Throws: what `action` or `undo` throw, and `PostgresError`: roll the transaction back, and the command counts
    ///   as not handled.
    public func handle(
        _ command: ReceivedCommand, in transaction: PostgresTransaction, action: () async throws -> Answer,
        undo: () async throws -> Void
    ) async throws -> OutboxMessage {
        let begin: SQL = """
            select state, reply from \(unescaped: schema.quoted).saga_effect_begin(\(command.key.rawValue), \
            \(command.isUndo), \(tenant))
            """
        let (state, stored) = try await transaction.query(begin).one().decode(String.self, JSONB?.self)
        switch (command.isUndo, state) {
        case (false, "new"):
            let reply: StoredReply =
                switch try await action() {
                case .succeeded(let value): StoredReply(.succeeded, result: try JSONValue(encoding: value))
                case .refused(let reason): StoredReply(.refused, reason: reason)
                }
            let end: SQL = """
                select \(unescaped: schema.quoted).saga_effect_end(\(command.key.rawValue), \
                \(reply.outcomeKind == .succeeded), \(JSONB(try JSONValue(encoding: reply).json())), \(tenant))
                """
            try await transaction.query(end)
            return try command.reply(reply)
        case (false, "undone"): return try command.reply(refused: "it was undone before it was done")
        case (false, _):
            guard let stored else { return try command.reply(refused: "it was begun before and never answered") }
            return try command.reply(JSONValue(json: stored.bytes).decode(StoredReply.self))
        case (true, "done"), (true, "begun"): try await undo()
        case (true, _): break
        }
        return try command.reply(succeeded: Done())
    }
}
