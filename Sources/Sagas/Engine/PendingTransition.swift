import EventSourcing
import PostgresEventStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A transition on its way into the database.
struct PendingTransition: Sendable {
    let key: SagaKey
    let lease: Lease
    /// The revision it was decided on.
    let revision: Int64
    let state: SagaState
    let stateJSON: [UInt8]
    let events: [StoredEvent]
    let usedInputs: [UUID]
    let messages: [Message]

    struct StoredEvent: Sendable {
        let id: UUID
        let type: String
        let data: [UInt8]
    }

    struct Message: Sendable {
        let id: UUID
        let topic: String
        let key: String
        let type: String
        let source: String
        let headers: [UInt8]
        let payload: [UInt8]
    }

    /// Encodes a transition.
    ///
    /// - Throws: `EventStoreError` or `EncodingError` if something in it can't be stored.
    init(
        _ transition: SagaTransition, of key: SagaKey, to state: SagaState, on revision: Int64, using inputs: [UUID],
        under lease: Lease, replyTo: String
    ) throws {
        self.key = key
        self.lease = lease
        self.revision = revision
        self.state = state
        usedInputs = inputs
        stateJSON = try JSONValue(encoding: state).json()
        events = try transition.events.map { event in
            let encoded = try EventCoding().encode(event)
            return StoredEvent(id: EventID().rawValue, type: encoded.type, data: encoded.data)
        }
        messages = try transition.commands.map { command in
            let envelope = SagaEnvelope(command, to: key, replyTo: replyTo)
            return Message(
                id: EventID().rawValue, topic: command.destination, key: envelope.messageKey, type: command.body.type,
                source: "/sagas/\(key.name)", headers: try envelope.headers.json(),
                payload: try command.body.payload.json())
        }
    }

    /// The revision once it is written.
    var nextRevision: Int64 { revision + Int64(events.count) }
}

/// What became of a transition.
enum TransitionAnswer: Sendable {
    /// Written and committed. `due` is when the saga is due now, by the database's clock.
    case written(due: Date?)
    /// The lease is lost, or another process has written: whatever this worker knows about the saga is out of date.
    case notOurs
    /// The database refuses what is to be written, whenever it is asked.
    case refused(String)
    /// Not written: the worker is stopping.
    case abandoned
}
