import EmbeddedPostgres
import Resilience
import Sagas
import SkaldTesting
import Synchronization
import Testing

/// Many sagas at once, many that have finished, and a server that dies.
@Suite struct ScaleTests {
    @Test func `transitions of many sagas share their commits`() async throws {
        try await World.with { world in
            for number in 0..<100 {
                try await world.sagas.start(Trip.self, id: SagaID(rawValue: "\(number)"), with: .init())
            }
            try await world.withWorker(Trip()) { _ in
                try await eventually("all complete") {
                    try await world.database.psql("select count(*) from skald.sagas where status = 'completed'")
                        .hasPrefix("100")
                }
            }
            // Five transitions each: into the first step, from step to step, and to the end.
            let commits = try await world.database.psql(
                "select count(distinct xmin::text) from skald.events where type <> '$saga.started'")
            let count = try #require(Int(commits.split(separator: "\n")[0]))
            #expect(count < 250, "500 transitions took \(count) commits")
        }
    }

    @Test func `looking for due sagas costs what is due, not what has finished`() async throws {
        try await World.with { world in
            for number in 0..<5 {
                try await world.sagas.start(Trip.self, id: SagaID(rawValue: "due-\(number)"), with: .init())
            }
            // Rows without histories: removed again below, where rows and histories are compared.
            let touched = try await world.database.psql(
                """
                insert into skald.sagas (tenant, name, id, definition, bucket, revision, started_at, changed_at, status,
                                         waiting_for, state)
                select '', 'trip', 'done-' || n, 1, n % 256, 9, now(), now(), 'completed', null, '{}'
                  from generate_series(1, 50000) as n;
                begin;
                set local session authorization \(world.database.user(.writer));
                select count(*) from skald.saga_due(array_fill('trip'::text, array[16]), array_fill(1, array[16]),
                                                    array(select generate_series(0, 15)), 100) where id is not null;
                select seq_scan = 0, idx_tup_fetch < 100 from pg_stat_xact_user_tables
                 where schemaname = 'skald' and relname = 'sagas';
                commit;
                delete from skald.sagas where id like 'done-%';
                """)
            #expect(touched.split(separator: "\n").map(String.init).suffix(2) == ["5", "t|t"])
        }
    }

    @Test func `sagas survive a server that is killed in the middle, and every one ends`() async throws {
        try await EmbeddedPostgres.with { server in
            try await withTestDatabase(.skald, on: server) { database in
                try await World.with(database) { world in
                    let effects = Effects()
                    let trip = Trip(
                        seat: { effects.act($0) }, room: { effects.act($0) },
                        pay: { run in
                            guard run.state.number % 3 != 0 else { throw Refused("declined") }
                            return effects.act(run)
                        }, ticket: { effects.act($0) }, undo: { effects.undo($0) },
                        retry: .attempts(10, backoff: .constant(.milliseconds(50))))
                    for number in 0..<30 {
                        let id = SagaID(rawValue: "\(number)")
                        try await world.sagas.start(Trip.self, id: id, with: .init(number: number))
                    }
                    try await world.withWorker(trip) { _ in
                        try await eventually("some have moved") { effects.count > 5 }
                        try await server.kill()
                        try await server.start()
                        try await eventually("all end") {
                            try await world.database.psql(
                                "select count(*) from skald.sagas where status in ('completed', 'compensated')"
                            ).hasPrefix("30")
                        }
                    }
                    for number in 0..<30 {
                        let status = try await world.sagas.status(of: Trip.name, id: SagaID(rawValue: "\(number)"))
                        #expect(status?.status == (number % 3 == 0 ? .compensated : .completed))
                        #expect(effects.standing(for: "trip/\(number)/") == (number % 3 == 0 ? 0 : 4))
                    }
                }
            }
        }
    }
}

/// A participant's books, by key.
private final class Effects: Sendable {
    private let keys: Mutex<Set<String>> = Mutex([])

    var count: Int { keys.withLock { $0.count } }
    func act(_ run: Run<Trip.State>) -> Int {
        keys.withLock { _ = $0.insert(run.key.rawValue) }
        return run.state.number
    }
    func undo(_ run: Run<Trip.State>) { keys.withLock { _ = $0.remove(run.key.rawValue) } }
    func standing(for prefix: String) -> Int { keys.withLock { $0.count { $0.hasPrefix(prefix) } } }
}
