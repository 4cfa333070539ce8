import EmbeddedPostgres
import EventSourcing
import Logging
import Postgres
import PostgresEventStore
import Projections
import ServiceLifecycle
import SkaldTesting

/// A database with the projections' tables, a store on it as the writer, and workers that are quick to act.
struct ProjectionFixture {
    let database: TestDatabase
    let store: PostgresEventStore

    static func with<R>(
        on server: EmbeddedPostgres? = nil, _ body: (ProjectionFixture) async throws -> R
    ) async throws -> R {
        try await withTestDatabase(.skald, on: server) { try await with($0, body) }
    }

    static func with<R>(
        _ database: TestDatabase, _ body: (ProjectionFixture) async throws -> R
    ) async throws -> R {
        try await database.psql(tables)
        return try await database.withStore(configuration: configuration) { store in
            try await body(ProjectionFixture(database: database, store: store))
        }
    }

    private static let tables = """
        create table seat_map (seat text primary key, booking text not null);
        create table ledger (position bigint not null, stream text not null);
        create table fragile (position bigint not null check (position > 0), note text);
        create table revenue (amount bigint not null, held bigint);
        grant select, insert, update, delete on seat_map, ledger, fragile, revenue to skald_writer;
        """

    static var configuration: PostgresEventStore.Configuration {
        var configuration = PostgresEventStore.Configuration()
        configuration.pollInterval = .milliseconds(50)
        return configuration
    }

    static var quick: ProjectionWorker.Configuration {
        var configuration = ProjectionWorker.Configuration()
        configuration.leases = .init(duration: .seconds(1))
        configuration.firstPause = .milliseconds(5)
        configuration.longestPause = .milliseconds(50)
        configuration.stoppedPause = .milliseconds(100)
        configuration.statusInterval = .milliseconds(100)
        return configuration
    }

    func worker(
        _ projections: any Projection..., configuration: ProjectionWorker.Configuration = ProjectionFixture.quick,
        store: PostgresEventStore? = nil
    ) throws -> ProjectionWorker {
        try ProjectionWorker(
            store ?? self.store, running: projections, configuration: configuration, logger: .silent)
    }

    /// Runs workers for as long as `body` runs, then shuts them down gracefully.
    func running<R: Sendable>(_ workers: ProjectionWorker..., body: () async throws -> R) async throws -> R {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let services = ServiceGroup(
                configuration: .init(
                    services: workers.map { .init(service: $0, successTerminationBehavior: .ignore) }, logger: .silent))
            group.addTask { try await services.run() }
            do {
                let result = try await body()
                await services.triggerGracefulShutdown()
                try await group.waitForAll()
                return result
            } catch {
                await services.triggerGracefulShutdown()
                throw error
            }
        }
    }

    /// Appends `count` events to `streams` streams, so many at once; returns the last position.
    @discardableResult
    func appendSeats(_ count: Int, streams: Int = 10, booking: String = "b") async throws -> GlobalPosition {
        let store = store
        return try await withThrowingTaskGroup(of: GlobalPosition.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await store.append(
                        [SeatEvent.held(booking: booking)], to: StreamID("seat", "\(number % streams)"), expecting: .any
                    ).lastPosition
                }
            }
            return try await group.reduce(.start) { max($0, $1) }
        }
    }

    /// The log's positions and the ledger's are the same, each once.
    func ledgerIsExact() async throws -> Bool {
        try await database.psql(
            """
            select count(*) from (select position from skald.events where stream like 'seat-%'
                                  except all select position from ledger) as missing
            union all
            select count(*) from (select position from ledger except all select position from skald.events) as surplus
            """) == "0\n0"
    }

    /// One number, asked as the database's owner.
    func count(_ query: String) async throws -> Int {
        Int(try await database.psql("select (\(query))")) ?? -1
    }
}
