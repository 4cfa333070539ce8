import EventSourcing
public import Outbox
import Postgres
import PostgresEventStore

/// Takes participants' replies to the sagas that wait for them: the consumer of the worker's `replyTo` topic.
///
/// ```swift
/// let replies = SagaReplies(sagas)
/// // where messages of the topic arrive:
/// try await replies.receive(event)
/// ```
///
/// A reply is put down in one transaction with the inbox's row, so one that is delivered twice is put down once; and
/// the saga applies a reply to each attempt at most once.
public struct SagaReplies: Sendable {
    private let sagas: Sagas
    private let inbox: Inbox

    /// Makes the consumer.
    ///
    /// - Parameter consumer: the inbox's name for it, `saga-replies` by default; keep it.
    public init(_ sagas: Sagas, consumer: String = "saga-replies") {
        self.sagas = sagas
        let configuration = sagas.store.configuration
        inbox = Inbox(
            sagas.store.client, consumer: consumer, schema: configuration.schema, tenant: configuration.tenant)
    }

    /// Puts a reply down for its saga.
    ///
    /// - Returns: whether it was new or had been delivered before.
    /// - Throws: ``SagaError`` with code ``SagaError/Code/invalidArgument`` if the message is not a saga's reply, or
    ///   ``SagaError/Code/unknownSaga`` if the saga is not in this database: refuse the message; `PostgresError`: have
    ///   it delivered again.
    @discardableResult
    public func receive(_ event: ReceivedEvent) async throws -> Inbox.Handling {
        guard let message = event.messageID, let envelope = SagaEnvelope(extensions: event.extensions),
            let reply = try? JSONValue(json: event.data).decode(StoredReply.self)
        else {
            throw SagaError(
                .invalidArgument, "The message \(event.id) of type '\(event.type)' is not a reply to a saga.")
        }
        let saga = SagaKey(tenant: envelope.tenant, name: envelope.saga, id: envelope.id)
        let body = try JSONValue(encoding: reply.answering(envelope)).json()
        let statement = sagas.statements.reply(to: saga, message: message.rawValue, body: body)
        let handling: Inbox.Handling
        do {
            handling = try await inbox.handle(message, madeAt: event.time) { tx in _ = try await tx.query(statement) }
        } catch let error as PostgresError where error.sqlState == .unknownSaga {
            throw SagaError.unknownSaga(saga.name, saga.id)
        }
        sagas.wake()
        return handling
    }
}
