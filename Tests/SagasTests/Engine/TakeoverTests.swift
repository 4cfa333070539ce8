import Logging
import PostgresEventStore
import Sagas
import ServiceLifecycle
import SkaldTesting
import Synchronization
import Testing

/// What becomes of sagas when their worker is gone, or only believes that it is not (SG2, SG4, X1, X3, X4).
@Suite struct TakeoverTests {
    @Test func `a call that a dead worker ran is made again by another, as the next attempt under the same key`()
        async throws
    {
        let journal = Journal()
        let gate = Gate()
        try await World.with { world in
            let hanging = Trip(room: { run in
                journal.note("\(run.key) #\(run.attempt)")
                await gate.pass()
                try Task.checkCancellation()
                return 2
            })
            try await world.sagas.start(Trip.self, id: "orphan", with: .init())
            try await world.killingWorker(hanging) {
                try await eventually("the call") { journal.all == ["trip/orphan/room #1"] }
            }
            gate.open()
            try await world.withWorker(hanging) { _ in
                let end = try await world.wait(for: "orphan", of: Trip.name)
                #expect(end.status == .completed)
            }
            #expect(journal.all == ["trip/orphan/room #1", "trip/orphan/room #2"])
            #expect(
                try await world.history(of: "orphan", Trip.name).prefix(6) == [
                    "started", "stepStarted seat #1", "stepSucceeded seat #1", "stepStarted room #1",
                    "attemptFailed room #1", "stepStarted room #2",
                ])
        }
    }

    @Test func `SG2: an undo that a dead worker ran is made again by another`() async throws {
        let journal = Journal()
        let gate = Gate()
        try await World.with { world in
            let hanging = Trip(
                pay: { _ in throw Refused("no") },
                undo: { run in
                    journal.note("undo \(run.step) #\(run.attempt)")
                    if run.step == "room" { await gate.pass() }
                    try Task.checkCancellation()
                })
            try await world.sagas.start(Trip.self, id: "undone", with: .init())
            try await world.killingWorker(hanging) {
                try await eventually("the undo") { journal.all == ["undo room #1"] }
            }
            gate.open()
            try await world.withWorker(hanging) { _ in
                let end = try await world.wait(for: "undone", of: Trip.name)
                #expect(end.status == .compensated)
            }
            #expect(journal.all == ["undo room #1", "undo room #2", "undo seat #1"])
        }
    }

    @Test func `SG12: a running saga whose row can't be read does not hide the others of its lane`() async throws {
        let gate = Gate()
        let journal = Journal()
        try await World.with { world in
            let hanging = Trip(seat: { run in
                journal.note("\(run.key) #\(run.attempt)")
                if run.attempt == 1 {
                    await gate.pass()
                    try Task.checkCancellation()
                }
                return 1
            })
            for number in 0..<40 {
                try await world.sagas.start(Trip.self, id: SagaID(rawValue: "\(number)"), with: .init())
            }
            try await world.killingWorker(hanging) {
                try await eventually("the calls") { journal.all.count == 40 }
            }
            // The first one of every lane.
            let answer = try await world.database.psql(
                """
                with first as (select min(id) as id from skald.sagas group by lane)
                update skald.sagas s set state = '{"status": 5}' from first f where f.id = s.id returning s.id;
                """)
            let broken = Set(answer.split(separator: "\n").map(String.init))
            gate.open()
            try await world.withWorker(hanging) { _ in
                for id in (0..<40).map(String.init) where !broken.contains(id) {
                    _ = try await world.wait(for: SagaID(rawValue: id), of: Trip.name)
                }
            }
        }
    }

    @Test func `a worker that takes over has no more sagas in hand than it may, and comes to all of them`() async throws
    {
        let gate = Gate()
        let calls = Mutex((running: 0, most: 0))
        let begun = Journal()
        try await World.with { world in
            let trip = Trip(seat: { run in
                if run.attempt == 1 {
                    begun.note("\(run.key)")
                    await gate.pass()
                    try Task.checkCancellation()
                }
                calls.withLock { $0 = ($0.running + 1, max($0.most, $0.running + 1)) }
                defer { calls.withLock { $0.running -= 1 } }
                try await Task.sleep(for: .milliseconds(5))
                return 1
            })
            for number in 0..<40 {
                try await world.sagas.start(Trip.self, id: SagaID(rawValue: "\(number)"), with: .init())
            }
            try await world.killingWorker(trip) { try await eventually("the calls") { begun.all.count == 40 } }
            gate.open()
            try await world.withWorker(trip, configure: { $0.maximumActive = 3 }) { _ in
                for number in 0..<40 { try await world.wait(for: SagaID(rawValue: "\(number)"), of: Trip.name) }
            }
            #expect(calls.withLock { $0.most } <= 3)
        }
    }

    @Test func `SG4: a worker that lost its lanes while it was calling writes nothing any more`() async throws {
        let journal = Journal()
        let gate = Gate()
        try await World.with { world in
            let slow = Trip(seat: { run in
                journal.note("first #\(run.attempt)")
                await gate.pass()
                return 1
            })
            try await world.withWorker(slow, leases: .seconds(60)) { _ in
                try await world.sagas.start(Trip.self, id: "paused", with: .init())
                try await eventually("the call") { journal.all == ["first #1"] }
                // As after a pause longer than the lease: the database gives the lanes to another, this process does
                // not know yet.
                try await world.database.psql(
                    "update skald.leases set expires_at = '-infinity'; update skald.lease_members set expires_at = '-infinity'"
                )
                let other = Sagas(world.store, logger: .silent)
                let quick = Trip(seat: { run in
                    journal.note("second #\(run.attempt)")
                    return 1
                })
                try await world.withWorker(quick, sharing: other) { _ in
                    let end = try await world.wait(for: "paused", of: Trip.name)
                    #expect(end.status == .completed)
                    gate.open()
                }
            }
            #expect(journal.all == ["first #1", "second #2"])
            let history = try await world.history(of: "paused", Trip.name)
            #expect(history.filter { $0.hasPrefix("stepSucceeded seat") } == ["stepSucceeded seat #2"])
        }
    }

    @Test
    func `X4: a graceful shutdown lets a call end, and another worker goes on at once, not after the lease's end`()
        async throws
    {
        let gate = Gate()
        let journal = Journal()
        try await World.with { world in
            // It ends only because the shutdown has begun: not before, and not cut off.
            let slow = Trip(
                seat: { _ in
                    journal.note("seat")
                    await withGracefulShutdownHandler {
                        await gate.pass()
                    } onGracefulShutdown: {
                        journal.note("shutdown")
                        gate.open()
                    }
                    journal.note(Task.isCancelled ? "cut off" : "seat has ended")
                    return 1
                }, pause: .milliseconds(50))
            try await world.withWorker(slow, leases: .seconds(60)) { _ in
                try await world.sagas.start(Trip.self, id: "handed", with: .init())
                try await eventually("the call") { journal.count("seat") == 1 }
            }
            #expect(journal.all == ["seat", "shutdown", "seat has ended"])
            let begun = ContinuousClock.now
            let held = try await world.database.psql("select count(*) from skald.leases where owner is not null")
            #expect(held == "0\n" || held == "0")
            try await world.withWorker(slow, leases: .seconds(60)) { _ in
                let end = try await world.wait(for: "handed", of: Trip.name)
                #expect(end.status == .completed)
            }
            #expect(ContinuousClock.now - begun < .seconds(60), "not after the lease's end")
            #expect(journal.count("seat") == 1)
        }
    }

    @Test func `sagas are shared out between two workers, and all of them end`() async throws {
        try await World.with { world in
            let other = Sagas(world.store, logger: .silent)
            try await world.withWorker(Trip()) { _ in
                try await world.withWorker(Trip(), sharing: other) { _ in
                    try await eventually("a fair share") {
                        try await world.database.psql(
                            "select string_agg(n::text, ' ') from (select count(*) as n from skald.leases where owner is not null group by owner) o"
                        ).contains("8 8")
                    }
                    for number in 0..<60 {
                        try await world.sagas.start(Trip.self, id: SagaID(rawValue: "\(number)"), with: .init())
                    }
                    for number in 0..<60 {
                        let id = SagaID(rawValue: "\(number)")
                        #expect(try await world.wait(for: id, of: Trip.name).status == .completed)
                    }
                }
            }
        }
    }
}

extension World {
    /// Runs a worker beside `body` and then cuts it off in the middle of what it does, as a death would: nothing more
    /// is written, and its leases end by themselves.
    func killingWorker(_ saga: any Saga, _ body: () async throws -> Void) async throws {
        var configuration = SagaWorker.Configuration()
        configuration.leases = .init(duration: .milliseconds(500))
        configuration.replyTo = "replies"
        let worker = try SagaWorker(
            Sagas(store, logger: .silent), running: [saga], configuration: configuration, logger: .silent)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await worker.run() }
            try await body()
            try await database.psql("update skald.leases set expires_at = '-infinity' where unit like 'saga/%'")
            tasks.cancelAll()
        }
    }
}
