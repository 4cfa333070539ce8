import Foundation
import Logging
import Postgres
import Resilience
import SkaldTesting
import Synchronization
import Testing

@testable import PostgresEventStore
@testable import Sagas

/// X1: an attempt's call is made once, whatever else happens to its saga while it runs, and only under the lease.
@Suite struct OneCallTests {
    @Test func `X1: the outcome of an attempt that was given up does not start the running attempt a second time`()
        async throws
    {
        let (journal, first, others) = (Journal(), Latch(), Latch())
        let trip = Trip(
            seat: { run in
                journal.note("seat #\(run.attempt)")
                await (run.attempt == 1 ? first : others).pass()
                if run.attempt == 1 { throw Outage() }
                return 1
            }, retry: .attempts(50, backoff: .constant(.milliseconds(10))), seatDeadline: .seconds(1))
        try await World.with { world in
            try await world.withWorker(trip) { _ in
                try await world.sagas.start(Trip.self, id: "twice", with: .init())
                try await eventually("the second attempt") { journal.count("seat #2") == 1 }
                first.open()
                try await eventually("the late outcome") {
                    try await world.history(of: "twice", Trip.name).contains("lateOutcome seat #1")
                }
                others.open()
                #expect(try await world.wait(for: "twice", of: Trip.name).status == .completed)
            }
        }
        #expect(Set(journal.all).count == journal.all.count, "\(journal.all)")
    }

    @Test func `X1: a call whose time is not up by the database's clock is neither cancelled nor made again`()
        async throws
    {
        let journal = Journal()
        let clock = Mutex<TransitionPipeline?>(nil)
        let trip = Trip(
            seat: { run in
                journal.note("seat #\(run.attempt)")
                let end = ContinuousClock.now + .milliseconds(400)
                while ContinuousClock.now < end {
                    // As after answers of a database whose clock was set back: the call is never overdue by it.
                    clock.withLock { $0 }?.read(Date() - 10, sent: .now)
                    try await Task.sleep(for: .milliseconds(1))
                }
                return 1
            }, seatDeadline: .milliseconds(100))
        try await World.with { world in
            try await world.withWorker(trip) { worker in
                clock.withLock { $0 = worker.pipeline }
                try await world.sagas.start(Trip.self, id: "early", with: .init())
                #expect(try await world.wait(for: "early", of: Trip.name).status == .completed)
            }
        }
        #expect(journal.all == ["seat #1"])
    }

    @Test func `SG4: a lease that ran out before the call is made leaves the call to the lane's next owner`()
        async throws
    {
        let journal = Journal()
        let trip = Trip(seat: { run in
            journal.note("seat #\(run.attempt)")
            return 1
        })
        try await World.with { world in
            let worker = try SagaWorker(world.sagas, running: [trip], logger: .silent)
            try await world.sagas.start(Trip.self, id: "expired", with: .init())
            // The database still says that the lane is ours; this process has stopped relying on it.
            let epochs = try await world.database.psql(
                """
                select max(epoch) from skald.lease_acquire(
                    array(select 'saga/trip@1/' || l from generate_series(0, 15) as l), 'me', '1 minute', 16)
                """, as: .writer)
            let number = Int(try await world.database.psql("select lane from skald.sagas").trimmed) ?? -1
            let kind = SagaKind(name: Trip.name, definition: 1)
            let key = LeaseState.Key(
                unit: kind.unit(of: number), epoch: Epoch(rawValue: Int64(epochs.trimmed) ?? -1))
            let lane = Lane(kind, number, Lease(key: key, validUntil: .now - .seconds(1)))
            let definition = try SagaDefinition(trip)
            let due = try await world.store.client.query(worker.statements.due([(kind, number)], atMost: 10))
            let saga = try #require(try worker.statements.loaded(of: due) { _, _ in }.sagas.first)
            #expect(lane.deliver(saga, claiming: worker.active))
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { await worker.pipeline.run() }
                tasks.addTask {
                    var worker = LaneWorker(worker: worker, definition: definition, lane: lane)
                    await worker.run()
                }
                try await world.wait(for: "expired", of: Trip.name) { $0.status == .running }
                try await eventually("it is let go") { worker.active.count == 0 }
                lane.post(.stop)
                worker.pipeline.drain()
                tasks.cancelAll()
            }
            #expect(journal.all.isEmpty)
        }
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
