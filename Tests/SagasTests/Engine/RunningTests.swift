import EventSourcing
import Sagas
import SkaldTesting
import Testing

/// Sagas on real PostgreSQL: started, run, ended (SG1, SG3, SG5, SG12).
@Suite struct RunningTests {
    @Test func `SG12: a saga whose steps succeed completes, and its history is a stream of the log`() async throws {
        try await World.with { world in
            try await world.withWorker(Trip()) { _ in
                #expect(try await world.sagas.start(Trip.self, id: "plain", with: .init()))
                let status = try await world.wait(for: "plain", of: Trip.name)
                #expect(status.status == .completed && status.owner != nil)
                #expect(
                    try await world.history(of: "plain", Trip.name) == [
                        "started", "stepStarted seat #1", "stepSucceeded seat #1", "stepStarted room #1",
                        "stepSucceeded room #1", "stepPassedOver pause", "stepStarted pay #1", "stepSucceeded pay #1",
                        "stepStarted ticket #1", "stepSucceeded ticket #1", "completed",
                    ])
            }
        }
    }

    @Test func `SG1: a declined payment undoes what was done, in reverse order, and the saga is compensated`()
        async throws
    {
        let journal = Journal()
        let trip = Trip(
            seat: { _ in
                journal.note("seat")
                return 1
            },
            room: { _ in
                journal.note("room")
                return 2
            },
            pay: { _ in throw Refused("declined") }, undo: { journal.note("undo \($0.step)") })
        try await World.with { world in
            try await world.withWorker(trip) { _ in
                try await world.sagas.start(Trip.self, id: "declined", with: .init())
                let status = try await world.wait(for: "declined", of: Trip.name)
                #expect(status.status == .compensated)
                #expect(status.reason == "step 'pay' was refused: declined")
                #expect(journal.all == ["seat", "room", "undo room", "undo seat"])
            }
        }
    }

    @Test func `errors are tried again under the same key, and what was in doubt is undone`() async throws {
        let journal = Journal()
        let trip = Trip(
            room: { run in
                journal.note("\(run.key) #\(run.attempt)")
                throw Outage()
            }, undo: { journal.note("undo \($0.step) \($0.key)") })
        try await World.with { world in
            try await world.withWorker(trip) { _ in
                try await world.sagas.start(Trip.self, id: "flaky", with: .init())
                #expect(try await world.wait(for: "flaky", of: Trip.name).status == .compensated)
                #expect(
                    journal.all == [
                        "trip/flaky/room #1", "trip/flaky/room #2", "trip/flaky/room #3", "undo room trip/flaky/room",
                        "undo seat trip/flaky/seat",
                    ])
            }
        }
    }

    @Test func `SG5: an undo that keeps failing needs attention, and goes on when somebody says so (SG11)`()
        async throws
    {
        let isDown = Journal()
        let trip = Trip(
            pay: { _ in throw Refused("declined") },
            undo: { run in if run.step == "seat", isDown.count("up") == 0 { throw Outage() } })
        try await World.with { world in
            try await world.withWorker(trip) { _ in
                try await world.sagas.start(Trip.self, id: "stuck", with: .init())
                let stuck = try await world.wait(for: "stuck", of: Trip.name) { $0.status == .needsAttention }
                #expect(
                    stuck.step == "seat" && stuck.direction == .backward && stuck.reason?.contains("Outage") == true)
                isDown.note("up")
                try await world.sagas.request(
                    .retry(actor: "ada", reason: "it is up again"), of: Trip.name, id: "stuck")
                #expect(try await world.wait(for: "stuck", of: Trip.name).status == .compensated)
                let events = try await world.sagas.history(of: Trip.name, id: "stuck").map(\.event)
                #expect(
                    events.contains {
                        if case .retriedByOperator("seat", "ada", "it is up again", _) = $0 { true } else { false }
                    })
            }
        }
    }

    @Test func `SG11: set-result helps a saga on, and a result that does not fit is refused and recorded`() async throws
    {
        let trip = Trip(pay: { _ in throw Outage() })
        try await World.with { world in
            try await world.withWorker(trip) { _ in
                try await world.sagas.start(Trip.self, id: "help", with: .init())
                _ = try await world.wait(for: "help", of: Trip.name) { $0.status == .needsAttention }
                try await world.sagas.request(
                    .setResult("three", step: "pay", actor: "ada", reason: "typo"), of: Trip.name, id: "help")
                try await eventually("the refusal") {
                    try await world.history(of: "help", Trip.name).contains("operatorRefused")
                }
                try await world.sagas.request(
                    .setResult(33, step: "pay", actor: "ada", reason: "the bank says so"), of: Trip.name, id: "help")
                let status = try await world.wait(for: "help", of: Trip.name)
                #expect(status.status == .completed && status.state.data.results["pay"] == 33)
            }
        }
    }

    @Test func `SG11: a step that was skipped counts as done without a result, and is not called again`() async throws {
        let journal = Journal()
        let trip = Trip(
            pay: { _ in
                journal.note("pay")
                throw Outage()
            })
        try await World.with { world in
            try await world.withWorker(trip) { _ in
                try await world.sagas.start(Trip.self, id: "skipped", with: .init())
                _ = try await world.wait(for: "skipped", of: Trip.name) { $0.status == .needsAttention }
                let calls = journal.count("pay")
                try await world.sagas.request(
                    .skip(step: "pay", actor: "ada", reason: "it is free today"), of: Trip.name, id: "skipped")
                let status = try await world.wait(for: "skipped", of: Trip.name)
                #expect(status.status == .completed && status.state.data.results["pay"] == nil)
                #expect(status.state.data.results["ticket"] == 4, "what comes after it is done")
                #expect(journal.count("pay") == calls)
                let events = try await world.sagas.history(of: Trip.name, id: "skipped").map(\.event)
                let skipped = SagaEvent.skippedByOperator(
                    step: "pay", direction: .forward, actor: "ada", reason: "it is free today")
                #expect(events.count { $0 == skipped } == 1)
            }
        }
    }

    @Test func `SG11: an undo that keeps failing can be skipped, and those before it are still done`() async throws {
        let journal = Journal()
        let trip = Trip(
            pay: { _ in throw Refused("declined") },
            undo: { run in
                journal.note("undo \(run.step)")
                if run.step == "room" { throw Outage() }
            })
        try await World.with { world in
            try await world.withWorker(trip) { _ in
                try await world.sagas.start(Trip.self, id: "written-off", with: .init())
                let stuck = try await world.wait(for: "written-off", of: Trip.name) { $0.status == .needsAttention }
                #expect(stuck.step == "room" && stuck.direction == .backward)
                let calls = journal.count("undo room")
                try await world.sagas.request(
                    .skip(step: "seat", actor: "ada", reason: "typo"), of: Trip.name, id: "written-off")
                try await eventually("the refusal: it is at another step") {
                    try await world.history(of: "written-off", Trip.name).contains("operatorRefused")
                }
                try await world.sagas.request(
                    .skip(step: "room", actor: "ada", reason: "the hotel burned down"), of: Trip.name,
                    id: "written-off")
                #expect(try await world.wait(for: "written-off", of: Trip.name).status == .compensated)
                #expect(journal.count("undo room") == calls && journal.count("undo seat") == 1)
                let events = try await world.sagas.history(of: Trip.name, id: "written-off").map(\.event)
                let skipped = SagaEvent.skippedByOperator(
                    step: "room", direction: .backward, actor: "ada", reason: "the hotel burned down")
                #expect(events.count { $0 == skipped } == 1)
            }
        }
    }

    @Test func `a request for a saga that is not there is an error that says so`() async throws {
        try await World.with { world in
            let error = await #expect(throws: SagaError.self) {
                try await world.sagas.request(.retry(actor: "ada", reason: "x"), of: "trip", id: "nobody")
            }
            #expect(error?.code == .unknownSaga)
        }
    }

    @Test func `what can't be stored becomes a reason for attention, and the sagas beside it go on`() async throws {
        struct Verbose: Saga {
            static let name: SagaName = "verbose"
            struct State: Codable {
                var isLong: Bool
                var text: String?
            }
            var steps: Steps {
                Compensatable("write", into: \.text) { run in
                    run.isLong ? String(repeating: "x", count: 1_100_000) : "short"
                } undo: { _, _ in
                }
            }
        }
        try await World.with { world in
            try await world.withWorker(Verbose()) { _ in
                for number in 0..<10 {
                    try await world.sagas.start(
                        Verbose.self, id: SagaID(rawValue: "\(number)"), with: .init(isLong: number == 5))
                }
                for number in 0..<10 where number != 5 {
                    let id = SagaID(rawValue: "\(number)")
                    #expect(try await world.wait(for: id, of: Verbose.name).status == .completed)
                }
                let status = try await world.wait(for: "5", of: Verbose.name) { $0.status == .needsAttention }
                #expect(status.step == "write" && status.reason?.contains("could not be stored") == true)
            }
        }
    }
}
