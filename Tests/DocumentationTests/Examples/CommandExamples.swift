import Logging
import Skald
import SkaldTesting
import Synchronization
import Testing

/// Steps of a saga that another service does: the two sides, on one database here.
@Suite(.testDatabase(.skald)) struct CommandExamples {
    @Test func `a step in another service is done once, undone, refused, or passed over`() async throws {
        let database = try TestDatabase.current
        try await database.psql(
            """
            create table hotels (hotel text primary key, rooms int not null check (rooms >= 0));
            insert into hotels values ('Astoria', 1), ('Bristol', 0);
            grant select, update on hotels to skald_writer;
            """)
        try await database.withStore { store in
            let (worker, replies) = try Self.worker(for: store, logger: .silent)
            let hotels = Hotels(client: store.client)
            let post = Post { event, topic in
                if topic == "orders" { try await replies.receive(event) } else { try await hotels.take(event) }
            }
            var configuration = Relay.Configuration()
            configuration.pollInterval = .milliseconds(10)
            let relay = Relay("post", client: store.client, sink: post, configuration: configuration, logger: .silent)
            try await running(relay) {
                try await running(worker) {
                    for (id, hotel) in [("done", "Astoria"), ("refused", "Bristol"), ("passed-over", nil)] {
                        let stay = BookRoom.State(guest: "Ann", hotel: hotel)
                        try await worker.sagas.start(BookRoom.self, id: SagaID(rawValue: id), with: stay)
                    }
                    try await Self.ends(
                        worker.sagas, ["done": .completed, "refused": .compensated, "passed-over": .completed])
                    // Nothing is left at the Astoria, so that this one turns back after nothing was done.
                    try await worker.sagas.start(BookRoom.self, id: "late", with: .init(guest: "Bob", hotel: "Astoria"))
                    try await Self.ends(worker.sagas, ["late": .compensated])
                }
            }
            let done = try await worker.sagas.status(of: BookRoom.name, id: "done")
            #expect(done?.state.data.results["hold-room"] == ["hotel": "Astoria"])
        }
        #expect(try await database.psql("select hotel, rooms from hotels order by 1") == "Astoria|0\nBristol|0")
    }

    private static func worker(for store: PostgresEventStore, logger: Logger) throws -> (SagaWorker, SagaReplies) {
        // docs: replies
        var configuration = SagaWorker.Configuration()
        configuration.replyTo = "orders"  // the topic on which this service gets its replies
        let worker = try SagaWorker(store, running: [BookRoom()], configuration: configuration, logger: logger)
        let replies = SagaReplies(worker.sagas)  // messages of that topic: try await replies.receive(event)
        // docs: end
        return (worker, replies)
    }

    private static func ends(_ sagas: Sagas, _ wanted: [SagaID: SagaState.Status]) async throws {
        for (id, status) in wanted {
            try await eventually("saga \(id) is \(status)") {
                try await sagas.status(of: BookRoom.name, id: id)?.status == status
            }
        }
    }

    /// Brings messages to where they are handled, as HTTP would.
    private struct Post: Sink {
        let deliver: @Sendable (ReceivedEvent, _ topic: String) async throws -> Void

        func publish(_ batch: [OutboundMessage]) async throws -> [PublishResult] {
            for message in batch {
                let headers = CloudEventHeaders.headers(of: message)
                try await deliver(ReceivedEvent(headers: headers, data: message.message.data), message.topic)
            }
            return batch.map { _ in .acknowledged }
        }
    }
}

// docs: commands
struct HoldRoom: SagaCommand {
    typealias Reply = RoomHold  // without this line the reply is only that it was done
    let guest: String, hotel: String
}
struct ReleaseRoom: SagaCommand { let guest: String, hotel: String }
struct RoomHold: Codable { let hotel: String }

struct BookRoom: Saga {
    static let name: SagaName = "book-room"
    struct State: Codable {
        let guest: String, hotel: String?
        var room: RoomHold?
        var wantsRoom: Bool { hotel != nil }
    }

    var steps: Steps {
        Compensatable("hold-room", to: "inventory", into: \.room) { trip in
            HoldRoom(guest: trip.guest, hotel: try trip.hotel)
        } undo: { trip, _ in
            ReleaseRoom(guest: trip.guest, hotel: try trip.hotel)
        }
        .when(\.wantsRoom)  // otherwise it is passed over
        .within(.seconds(3600))  // then it counts as "may have happened", and the saga goes back
        Wait("think-it-over") { _ in .milliseconds(20) }
        Pivot("confirm") { trip in print("\(trip.guest) is booked") }
    }
}
// docs: end

// docs: participant
struct Hotels {
    let client: PostgresClient

    /// Does what a command says or refuses it, and answers: all in one transaction.
    func take(_ event: ReceivedEvent) async throws {
        guard let id = event.messageID, let command = ReceivedCommand(event) else { throw Refused("not a command") }
        let inbox = Inbox(client, consumer: "hotels")
        _ = try await inbox.handle(id, madeAt: event.time) { tx in
            let reply = try await SagaEffects().handle(command, in: tx) {
                let hold = try command.decode(HoldRoom.self)
                let taken = try await tx.execute(
                    "update hotels set rooms = rooms - 1 where hotel = \(hold.hotel) and rooms > 0")
                return taken == 1 ? .succeeded(RoomHold(hotel: hold.hotel)) : .refused("the hotel is full")
            } undo: {
                let release = try command.decode(ReleaseRoom.self)
                try await tx.execute("update hotels set rooms = rooms + 1 where hotel = \(release.hotel)")
            }
            try await tx.enqueue([reply], to: command.replyTo)
        }
    }
}
// docs: end
