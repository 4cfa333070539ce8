import Foundation
import Postgres
import PostgresEventStore
import ServiceLifecycle
import SkaldTesting
import Testing

@testable import Sagas

/// X4, SG12: what can't be ended in time does not keep a worker from handing its lanes on: neither a call that heeds no
/// cancellation, nor a transition that can't be written. The leases here are long: nobody waits for their end.
@Suite(.timeLimit(.minutes(2))) struct DrainTests {
    @Test func `X4, SG12: a call that heeds no cancellation keeps neither its lane nor its saga from the next worker`()
        async throws
    {
        let (journal, latch) = (Journal(), Latch())
        let deaf = Trip(seat: { run in
            journal.note("first #\(run.attempt)")
            await latch.pass()
            journal.note("the first call has ended")
            return 1
        })
        let quick = Trip(seat: { run in
            journal.note("second #\(run.attempt)")
            return 1
        })
        try await World.with { world in
            var configuration = SagaWorker.Configuration()
            configuration.leases = .init(duration: .seconds(600))
            configuration.drainTimeout = .milliseconds(100)
            let worker = try SagaWorker(
                Sagas(world.store, logger: .silent), running: [deaf], configuration: configuration, logger: .silent)
            let services = ServiceGroup(configuration: .init(services: [.init(service: worker)], logger: .silent))
            try await withThrowingTaskGroup { tasks in
                defer { latch.open() }
                tasks.addTask { try await services.run() }
                try await world.sagas.start(Trip.self, id: "deaf", with: .init())
                try await eventually("the call") { journal.all == ["first #1"] }
                await services.triggerGracefulShutdown()
                try await world.withWorker(quick) { _ in
                    let end = try await world.wait(for: "deaf", of: Trip.name)
                    #expect(end.status == .completed)
                }
                #expect(journal.all == ["first #1", "second #2"], "the call still runs")
                latch.open()
                try await tasks.waitForAll()
            }
            #expect(journal.all.last == "the first call has ended")
            let history = try await world.history(of: "deaf", Trip.name)
            #expect(history.filter { $0.hasSuffix("seat #1") } == ["stepStarted seat #1", "attemptFailed seat #1"])
            #expect(history.last == "completed", "what the first call said came too late")
        }
    }

    @Test func `X4: a transition that the server can't write for now does not hold up a shutdown`() async throws {
        try await World.with { world in
            try await world.database.psql(DatabaseFaultTests.fault)
            try await world.database.psql("insert into fault values ('57014', 'stuck', 1000000)")
            try await world.withWorker(
                Trip(), leases: .seconds(600), configure: { $0.drainTimeout = .milliseconds(100) }
            ) { _ in
                try await world.sagas.start(Trip.self, id: "stuck", with: .init())
                try await eventually("it is tried again and again") {
                    Int(try await world.database.psql("select last_value from refusals")) ?? 0 > 3
                }
            }
            try await world.database.psql("truncate fault")
            try await world.withWorker(Trip(), leases: .seconds(600)) { _ in
                let end = try await world.wait(for: "stuck", of: Trip.name)
                #expect(end.status == .completed)
            }
        }
    }

    @Test func `X4: a saga whose row somebody holds in an open transaction does not hold up a shutdown`() async throws {
        try await World.with { world in
            try await world.sagas.start(Trip.self, id: "held", with: .init())
            try await world.sagas.start(Trip.self, id: "free", with: .init())
            try await world.store.client.withTransaction { open in
                try await open.execute("select skald.saga_request('trip', 'held', 'retry', 'ada', 'look what I do')")
                try await world.withWorker(
                    Trip(), leases: .seconds(600), configure: { $0.drainTimeout = .milliseconds(100) }
                ) { worker in
                    #expect(try await world.wait(for: "free", of: Trip.name).status == .completed)
                    try await eventually("it has the other one in hand") { worker.active.count == 1 }
                }
                #expect(
                    try await world.database.psql("select count(*) from skald.leases where owner is not null") == "0")
            }
            try await world.withWorker(Trip(), leases: .seconds(600)) { _ in
                let end = try await world.wait(for: "held", of: Trip.name)
                #expect(end.status == .completed)
            }
        }
    }
}
