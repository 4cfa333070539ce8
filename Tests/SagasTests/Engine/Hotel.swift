import EventSourcing
import Foundation
import Outbox
import Postgres
import PostgresEventStore
import SkaldTesting
import Synchronization
import Testing

@testable import Sagas

struct ConfirmRoom: SagaCommand { let guest: String }
struct HoldRoomFor: SagaCommand {
    static let messageType = "hold-room"
    typealias Reply = RoomHold
    let guest: String
}
struct ReleaseRoomOf: SagaCommand {
    static let messageType = "release-room"
    let guest: String
}

/// A saga of command steps.
struct Stay: Saga {
    static let name: SagaName = "stay"
    struct State: Codable {
        var guest: String
        var room: RoomHold?
    }

    var steps: Steps {
        Compensatable("book", to: "hotel", into: \.room) { run in
            HoldRoomFor(guest: run.guest)
        } undo: { run, _ in
            ReleaseRoomOf(guest: run.guest)
        }
        .within(.seconds(2))
        Pivot("confirm", to: "hotel") { ConfirmRoom(guest: $0.guest) }
    }
}

/// A participant on the same database: a sink for the relay that handles commands under the guard, replies through the
/// outbox, and hands replies to the sagas.
final class Hotel: Sink {
    let journal = Journal()
    private let refusing: String?
    private let losing: String?
    private let delivering: Int
    private let world = Mutex<World?>(nil)
    private let lost: Mutex<[ReceivedEvent]> = Mutex([])

    init(refusing: String? = nil, losing: String? = nil, delivering: Int = 1) {
        self.refusing = refusing
        self.losing = losing
        self.delivering = delivering
    }

    func open(in world: World) { self.world.withLock { $0 = world } }

    func publish(_ messages: [OutboundMessage]) async throws -> [PublishResult] {
        guard let world = world.withLock({ $0 }) else { throw Outage() }
        for message in messages {
            let event = try ReceivedEvent(headers: CloudEventHeaders.headers(of: message), data: message.message.data)
            for _ in 0..<delivering {
                if message.topic == "replies" {
                    try await SagaReplies(world.sagas).receive(event)
                } else if event.type == losing {
                    lost.withLock { $0.append(event) }
                } else {
                    try await handle(event, world)
                }
            }
        }
        return messages.map { _ in .acknowledged }
    }

    /// Delivers what was lost, and gives the replies.
    func deliverLost() async throws -> [StoredReply] {
        guard let world = world.withLock({ $0 }) else { throw Outage() }
        var replies: [StoredReply] = []
        for event in lost.withLock({ $0 }) {
            let reply = try #require(try await handle(event, world))
            replies.append(try JSONValue(json: reply.data).decode(StoredReply.self))
        }
        return replies
    }

    @discardableResult
    private func handle(_ event: ReceivedEvent, _ world: World) async throws -> OutboxMessage? {
        let command = try #require(ReceivedCommand(event))
        let guest = try command.decode(ConfirmRoom.self).guest
        let inbox = Inbox(world.store.client, consumer: "hotel")
        let sent = Mutex<OutboxMessage?>(nil)
        _ = try await inbox.handle(try #require(event.messageID)) { tx in
            let reply = try await SagaEffects().handle(command, in: tx) {
                self.journal.note("\(command.type) \(guest) \(command.key)")
                if command.type == self.refusing { return .refused("full") }
                return command.type == "hold-room" ? .succeeded(RoomHold(room: 7)) : .succeeded(Done())
            } undo: {
                self.journal.note("\(command.type) \(guest) \(command.key)")
            }
            try await tx.enqueue([reply], to: command.replyTo)
            sent.withLock { $0 = reply }
        }
        return sent.withLock { $0 }
    }
}

extension World {
    /// Runs a worker for stays, a relay and a hotel beside `body`.
    func withHotel(_ hotel: Hotel, _ body: (Hotel) async throws -> Void) async throws {
        hotel.open(in: self)
        var configuration = Relay.Configuration()
        configuration.pollInterval = .milliseconds(10)
        let relay = Relay(
            SinkName("hotel"), client: store.client, sink: hotel, configuration: configuration, logger: .silent)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await relay.run() }
            try await withWorker(Stay()) { _ in try await body(hotel) }
            tasks.cancelAll()
        }
    }
}

extension ReceivedEvent {
    /// A reply to the first step of a stay, as it comes in.
    static func reply(to id: String, _ reply: StoredReply) throws -> ReceivedEvent {
        let command = OutgoingCommand(
            destination: "hotel", body: try CommandBody(ConfirmRoom(guest: "x")),
            key: IdempotencyKey(rawValue: "stay/\(id)/book"), step: "book", direction: .forward, attempt: 1)
        let saga = SagaKey(tenant: "", name: Stay.name, id: SagaID(rawValue: id))
        let envelope = SagaEnvelope(command, to: saga, replyTo: "replies")
        let headers =
            envelope.extensions.map { (name: "ce-\($0.key)", value: $0.value) } + [
                ("ce-specversion", "1.0"), ("ce-id", MessageID().description), ("ce-source", "/x"), ("ce-type", "y"),
            ]
        return try ReceivedEvent(headers: headers, data: JSONValue(encoding: reply).json())
    }
}
