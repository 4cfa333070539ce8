import EventSourcing
import Resilience
import Sagas
import SkaldTesting
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// SG7: timers are durable, never early by the database's time, and survive restarts.
@Suite struct TimerTests {
    @Test func `SG7: a pause ends at its time by the database's clock, not before and not much later`() async throws {
        try await World.with(Self.pause)
    }

    static func pause(_ world: World) async throws {
        try await world.withWorker(Trip(pause: .milliseconds(300))) { _ in
            for number in 0..<20 {
                try await world.sagas.start(Trip.self, id: SagaID(rawValue: "\(number)"), with: .init())
            }
            for number in 0..<20 {
                let id = SagaID(rawValue: "\(number)")
                try await world.wait(for: id, of: Trip.name)
                let history = try await world.sagas.history(of: Trip.name, id: id)
                let before = try #require(history.first { $0.event.short.hasPrefix("stepStarted room") })
                let set = try #require(history.first { $0.event.short.hasPrefix("timerSet") })
                let fired = try #require(history.first { $0.event.short.hasPrefix("timerFired") })
                guard case .timerSet(_, _, let due) = set.event else { continue }
                // The pause begins when its turn comes, which is after the step before it began.
                #expect(due >= before.recordedAt.addingTimeInterval(0.3) && fired.recordedAt >= due)
                #expect(fired.recordedAt.timeIntervalSince(due) < 10)
            }
        }
    }

    @Test func `SG7: a timer that ends while no worker runs fires when one comes back`() async throws {
        try await World.with { world in
            try await world.withWorker(Trip(pause: .milliseconds(300))) { _ in
                try await world.sagas.start(Trip.self, id: "sleeper", with: .init())
                try await world.wait(for: "sleeper", of: Trip.name) { $0.waitingFor == .timer }
            }
            try await eventually("the timer is due") {
                try await world.database.psql("select count(*) from skald.sagas where due_at < clock_timestamp()")
                    .hasPrefix("1")
            }
            try await world.withWorker(Trip()) { _ in
                let end = try await world.wait(for: "sleeper", of: Trip.name)
                #expect(end.status == .completed)
            }
        }
    }

    @Test func `a call that does not end in its time is cancelled and given up as unknown`() async throws {
        let journal = Journal()
        let trip = Trip(
            seat: { run in
                journal.note("seat #\(run.attempt)")
                try? await Task.sleep(for: .seconds(30))
                journal.note("cancelled: \(Task.isCancelled)")
                throw CancellationError()
            }, undo: { journal.note("undo \($0.step)") },
            retry: .attempts(2, backoff: .constant(.milliseconds(10))), seatDeadline: .milliseconds(100))
        try await World.with { world in
            try await world.withWorker(trip) { _ in
                try await world.sagas.start(Trip.self, id: "slow", with: .init())
                #expect(try await world.wait(for: "slow", of: Trip.name).status == .compensated)
            }
        }
        #expect(journal.count("cancelled: true") == 2 && journal.count("undo seat") == 1)
    }

    @Test func `SG6: a success that comes after its call was given up is recorded, and its step is undone`()
        async throws
    {
        let gate = Gate()
        let journal = Journal()
        let trip = Trip(
            room: { _ in
                await gate.pass()
                journal.note("room")
                return 7
            },
            undo: { run in
                if run.step == "room" { gate.open() }
                if run.step == "seat" {
                    // The seat is undone only when the room's late success has been kept.
                    try await eventually("the late outcome") { journal.count("room") == 1 }
                }
                journal.note("undo \(run.step)")
            }, retry: .never)
        try await World.with { world in
            try await world.withWorker(RoomInTime(trip: trip)) { _ in
                try await world.sagas.start(RoomInTime.self, id: "late", with: .init())
                #expect(try await world.wait(for: "late", of: RoomInTime.name).status == .compensated)
                try await eventually("the late outcome is part of the history") {
                    try await world.history(of: "late", RoomInTime.name).contains("lateOutcome room #1")
                }
                #expect(journal.count("undo room") >= 1 && journal.all.last?.hasPrefix("undo") == true)
            }
        }
    }

    /// The trip with a deadline on its room.
    private struct RoomInTime: Saga {
        static let name: SagaName = "room-in-time"
        typealias State = Trip.State
        let trip: Trip
        var steps: Steps {
            Compensatable("seat", into: \.seat) {
                try await trip.seat($0)
            } undo: { run, _ in
                try await trip.undo(run)
            }
            Compensatable("room", into: \.room) {
                try await trip.room($0)
            } undo: { run, _ in
                try await trip.undo(run)
            }
            .within(.milliseconds(100))
        }
    }
}
