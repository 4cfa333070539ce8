import EventSourcing
import Outbox
import PostgresEventStore
import Sagas
import SkaldTesting
import Testing

@testable import Sagas

/// Command steps through outbox, relay, participant, inbox and back (SG2, SG3, SG6).
@Suite struct ReplyTests {
    @Test func `a command goes out with its transition, and its reply goes on with the saga`() async throws {
        try await World.with { world in
            try await world.withHotel(Hotel()) { hotel in
                try await world.sagas.start(Stay.self, id: "s1", with: .init(guest: "ada"))
                let status = try await world.wait(for: "s1", of: Stay.name)
                #expect(status.status == .completed && status.state.data.results["book"] == ["room": 7])
                #expect(hotel.journal.all == ["hold-room ada stay/s1/book", "confirm-room ada stay/s1/confirm"])
            }
        }
    }

    @Test func `SG1: a refused command turns the saga back, and undo commands carry the actions' keys`() async throws {
        try await World.with { world in
            try await world.withHotel(Hotel(refusing: "confirm-room")) { hotel in
                try await world.sagas.start(Stay.self, id: "s2", with: .init(guest: "bob"))
                #expect(try await world.wait(for: "s2", of: Stay.name).status == .compensated)
                #expect(
                    hotel.journal.all == [
                        "hold-room bob stay/s2/book", "confirm-room bob stay/s2/confirm",
                        "release-room bob stay/s2/book",
                    ])
            }
        }
    }

    @Test func `SG6: commands and replies that are delivered twice are handled once`() async throws {
        try await World.with { world in
            try await world.withHotel(Hotel(delivering: 3)) { hotel in
                for number in 0..<10 {
                    try await world.sagas.start(
                        Stay.self, id: SagaID(rawValue: "\(number)"), with: .init(guest: "g\(number)"))
                }
                for number in 0..<10 {
                    let id = SagaID(rawValue: "\(number)")
                    #expect(try await world.wait(for: id, of: Stay.name).status == .completed)
                    #expect(hotel.journal.count("hold-room g\(number) stay/\(number)/book") == 1)
                    let history = try await world.history(of: id, Stay.name)
                    #expect(history.count { $0.hasPrefix("stepSucceeded book") } == 1)
                    #expect(!history.contains { $0.hasPrefix("lateOutcome") })
                }
            }
        }
    }

    @Test
    func
        `SG2: a command whose reply never comes is given up and undone, and the late command is refused by its tombstone`()
        async throws
    {
        try await World.with(Self.lostCommand)
    }

    static func lostCommand(_ world: World) async throws {
        try await world.withHotel(Hotel(losing: "hold-room")) { hotel in
            try await world.sagas.start(Stay.self, id: "lost", with: .init(guest: "eve"))
            #expect(try await world.wait(for: "lost", of: Stay.name).status == .compensated)
            // The undo found nothing to undo. Now the command comes after all.
            #expect(hotel.journal.all.isEmpty)
            let late = try await hotel.deliverLost()
            #expect(late.map(\.outcomeKind) == [.refused])
            #expect(hotel.journal.all.isEmpty)
            try await eventually("the late refusal is recorded") {
                try await world.history(of: "lost", Stay.name).last == "lateOutcome book #1"
            }
            #expect(try await world.sagas.status(of: Stay.name, id: "lost")?.status == .compensated)
        }
    }

    @Test func `a reply to a saga that is not here is refused with the reason`() async throws {
        try await World.with { world in
            let error = await #expect(throws: SagaError.self) {
                try await SagaReplies(world.sagas).receive(.reply(to: "nobody", .init(.succeeded, result: 1)))
            }
            #expect(error?.code == .unknownSaga)
            let garbage = await #expect(throws: SagaError.self) {
                try await SagaReplies(world.sagas).receive(
                    ReceivedEvent(
                        headers: [
                            ("ce-specversion", "1.0"), ("ce-id", MessageID().description), ("ce-source", "/x"),
                            ("ce-type", "y"),
                        ], data: Array("{}".utf8)))
            }
            #expect(garbage?.code == .invalidArgument)
        }
    }
}
