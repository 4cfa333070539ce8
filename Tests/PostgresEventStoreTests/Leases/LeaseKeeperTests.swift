import EmbeddedPostgres
import Postgres
import PostgresEventStore
import ServiceLifecycle
import SkaldTesting
import Testing

/// X2, X3, X4: keepers share units, take over from the dead, stop by themselves when cut off, and drain.
@Suite struct LeaseKeeperTests {
    private func withClient(
        on server: EmbeddedPostgres? = nil, _ body: (PostgresClient, TestDatabase) async throws -> Void
    ) async throws {
        try await withTestDatabase(.skald, on: server) { database in
            let configuration = PostgresClient.Configuration(connectionString: database.connectionString(.writer))
            try await PostgresClient.with(configuration, logger: quiet) { try await body($0, database) }
        }
    }

    private let units = (0..<7).map { "unit/\($0)" }

    private func keeper(_ client: PostgresClient, duration: Duration = .seconds(1)) -> LeaseKeeper {
        LeaseKeeper(client, kind: "test", units: units, configuration: .init(duration: duration), logger: quiet)
    }

    /// Work that lasts until it is asked to stop or cancelled.
    private static func work(_ lease: Lease) async {
        let bell = Doorbell()
        lease.whenStopping { bell.ring() }
        await bell.wait()
    }

    @Test func `units are shared out evenly, and again when a keeper comes or goes`() async throws {
        try await withClient { client, _ in
            let keepers = (0..<3).map { _ in keeper(client) }
            func counts() -> [Int] { keepers.map(\.held.count).sorted() }
            try await withThrowingTaskGroup { group in
                for keeper in keepers[..<2] { group.addTask { await keeper.run(Self.work) } }
                try await eventually("two share") { counts() == [0, 3, 4] }
                group.addTask { await keepers[2].run(Self.work) }
                try await eventually("three share") { counts() == [2, 2, 3] }
                group.cancelAll()
            }
        }
    }

    @Test func `X4: a graceful shutdown gives everything back, and the next keeper has it at once`() async throws {
        try await withClient { client, database in
            let first = keeper(client, duration: .seconds(600))
            let services = ServiceGroup(
                configuration: .init(services: [.init(service: Held(keeper: first))], logger: quiet))
            try await withThrowingTaskGroup { group in
                group.addTask { try await services.run() }
                try await eventually("it has all") { first.held.count == units.count }
                await services.triggerGracefulShutdown()
                try await group.waitForAll()
            }
            let left = try await database.psql(
                "select count(*) filter (where owner is not null) from skald.lease_status union all "
                    + "select count(*) from skald.lease_members")
            #expect(left == "0\n0")
            let second = keeper(client, duration: .seconds(600))
            await withTaskGroup { group in
                group.addTask { await second.run(Self.work) }
                try? await eventually("the next one has all") { second.held.count == units.count }
                group.cancelAll()
            }
        }
    }

    private struct Held: Service {
        let keeper: LeaseKeeper
        func run() async throws { await keeper.run { await work($0) } }
    }

    @Test func `X3: work is cancelled on the owner's own clock when the database does not answer`() async throws {
        try await EmbeddedPostgres.with { server in
            try await withClient(on: server) { client, _ in
                let keeper = keeper(client, duration: .seconds(6))
                let (begun, ended) = (Tally(), Tally())
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        await keeper.run { _ in
                            begun.add()
                            // Work that does not look: only cancellation ends it.
                            await Doorbell().wait()
                            ended.add()
                        }
                    }
                    try await eventually("it has all") { keeper.held.count == units.count }
                    try await server.pause()
                    let paused = ContinuousClock.now
                    try await eventually("all work is cancelled") {
                        ended.count == begun.count && keeper.held.isEmpty
                    }
                    #expect(
                        ContinuousClock.now - paused < .seconds(6), "before the database lets others have the units")
                    #expect(units.allSatisfy { keeper.lease($0) == nil })
                    try await server.resume()
                    group.cancelAll()
                }
            }
        }
    }

    @Test func `X2: a unit whose owner died is taken over after its lease, with a higher epoch`() async throws {
        try await withClient { client, _ in
            let dead = keeper(client)
            await withTaskGroup { group in
                group.addTask { await dead.run(Self.work) }
                try? await eventually("it has all") { dead.held.count == units.count }
                group.cancelAll()  // broken off: nothing is given back
            }
            let next = keeper(client)
            await withTaskGroup { group in
                group.addTask { await next.run(Self.work) }
                try? await eventually("the next one has all") { next.held.count == units.count }
                #expect(next.held.allSatisfy { $0.epoch == Epoch(rawValue: 2) })
                group.cancelAll()
            }
        }
    }

    @Test func `work that ends by itself gives its lease back, and the unit is taken again`() async throws {
        struct Broken: Error {}
        try await withClient { client, _ in
            let keeper = keeper(client)
            let runs = Tally()
            await withTaskGroup { group in
                group.addTask {
                    await keeper.run { lease in
                        guard lease.unit == "unit/0" else { return await Self.work(lease) }
                        runs.add()
                        throw Broken()
                    }
                }
                try? await eventually("it is tried again") { runs.count >= 3 }
                try? await eventually("the others are held") { keeper.held.count >= units.count - 1 }
                group.cancelAll()
            }
            #expect(runs.count >= 3)
        }
    }
}
