import EventSourcing
public import Outbox

/// A saga's command as its participant receives it.
///
/// ```swift
/// guard let command = ReceivedCommand(event) else { … not a saga's … }
/// let hold = try command.decode(HoldSeat.self)
/// // do it, under command.key, and in the same transaction:
/// try await tx.enqueue([command.reply(succeeded: SeatHold(…))], to: command.replyTo)
/// ```
///
/// Guard it with ``SagaEffects``, so that a command that comes twice, or after its undo, does no harm.
public struct ReceivedCommand: Sendable {
    let envelope: SagaEnvelope
    private let data: [UInt8]
    /// The command's stored name: `hold-seat`.
    public let type: String

    /// Reads a message; nil if it is not a saga's command.
    public init?(_ event: ReceivedEvent) {
        guard let envelope = SagaEnvelope(extensions: event.extensions) else { return nil }
        self.envelope = envelope
        type = event.type
        data = event.data
    }

    /// The key under which to know the effect: the same for every attempt and for the undo.
    public var key: IdempotencyKey { envelope.key }
    /// Whether it undoes what the key stands for.
    public var isUndo: Bool { envelope.direction == .backward }
    /// The kind of saga that sent it.
    public var saga: SagaName { envelope.saga }
    /// The saga that sent it.
    public var sagaID: SagaID { envelope.id }
    /// The topic that the reply goes to.
    public var replyTo: String { envelope.replyTo }

    /// The command itself.
    ///
    /// - Throws: `EventStoreError` or `DecodingError` if it is not of this type.
    public func decode<Command: SagaCommand>(_ type: Command.Type) throws -> Command {
        try JSONValue(json: data).decode(type)
    }

    /// The reply that says it was done.
    ///
    /// - Throws: `EncodingError` or `EventStoreError` if the result can't be written as JSON.
    public func reply(succeeded result: some Encodable) throws -> OutboxMessage {
        try reply(StoredReply(.succeeded, result: JSONValue(encoding: result)))
    }

    /// The reply that says for certain: it was not done and will not be (see ``SagaRefusal``).
    public func reply(refused reason: String) throws -> OutboxMessage {
        try reply(StoredReply(.refused, reason: reason))
    }

    func reply(_ reply: StoredReply) throws -> OutboxMessage {
        OutboxMessage(
            key: envelope.messageKey, type: "\(type).reply", source: "/sagas/participants", subject: key.rawValue,
            extensions: envelope.extensions, data: try JSONValue(encoding: reply).json())
    }
}
