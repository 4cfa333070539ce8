import EmbeddedPostgres
import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// A standby reads as far as is certain; promoted, it does not go on as if it had all that the primary had.
@Suite struct PromotionTests {
    private static let watermark = "select skald.watermark()"
    private static let given = "select count(*) from skald.read_all()"

    private static func append(_ count: Int, to prefix: String, _ store: PostgresEventStore) async throws -> LogCursor {
        for number in 0..<count { try await store.appendOne(to: "\(prefix)-\(number)") }
        var last: LogCursor?
        for try await event in store.readAll() { last = event.cursor }
        return try #require(last)
    }

    @Test(.timeLimit(.minutes(3)))
    func `ES9: a promoted standby begins a new generation, and cursors into what it lacks are refused`() async throws {
        try await EmbeddedPostgres.with { primary in
            try await withTestDatabase(.skald, on: primary) { database in
                try await withStandby(of: primary) { server in
                    let standby = database.on(server)
                    var configuration = PostgresEventStore.Configuration()
                    configuration.statusInterval = .seconds(600)  // stores the watermark too, and the test does that
                    let (kept, lost) = try await database.withStore(configuration: configuration) { store in
                        let kept = try await Self.append(10, to: "kept", store)
                        try await database.psql("select skald.store_watermark()", as: .writer)
                        try await Self.readsAsFarAsIsStored(store, database, standby)
                        // It lags from here on.
                        try await standby.psql("alter system set primary_conninfo = ''; select pg_reload_conf()")
                        try await eventually("nothing more is received") {
                            try await standby.count("select count(*) from pg_stat_wal_receiver") == 0
                        }
                        // More than the sequence runs ahead of the events on a standby.
                        let lost = try await Self.append(50, to: "lost", store)
                        try await Self.waitsForWhatIsAhead(standby, lost)
                        return (kept, lost)
                    }
                    try await standby.psql("select pg_promote(true, 120)")
                    try await standby.withStore { store in
                        for number in 0..<20 { try await store.appendOne(to: "other-\(number)") }
                        let error = await #expect(throws: EventStoreError.self) {
                            try await store.readLogPage(after: lost, limit: 10)
                        }
                        #expect(error?.code == .logRewound)
                        let page = try await store.readLogPage(after: kept, limit: 100)
                        #expect(page.events.count == 25, "five that came later, and twenty of its own")
                        #expect(page.cursor.generation > kept.generation)
                        #expect(try await store.logState().watermark >= page.cursor.position)
                    }
                    #expect(
                        try await standby.count("select count(*) from skald.events where stream like 'lost-%'") == 0)
                    try await standby.expectSoundLog()
                }
            }
        }
    }

    /// A reader that was given more elsewhere, and whose cursor is of a generation that has not arrived: nothing was rewound.
    private static func waitsForWhatIsAhead(_ standby: TestDatabase, _ cursor: LogCursor) async throws {
        for generation in [cursor.generation.rawValue, cursor.generation.rawValue + 5] {
            let place = "\(generation), \(cursor.position)"
            #expect(
                try await standby.psql(
                    "select count(*) from skald.read_all_in_generation(\(place), 10, '')", as: .reader) == "0")
            #expect(try await standby.psql("select * from skald.is_more(\(place), '')", as: .reader) == "f|f")
        }
    }

    /// A standby cannot see who is appending on the primary, so what has arrived is not yet certain.
    private static func readsAsFarAsIsStored(
        _ store: PostgresEventStore, _ database: TestDatabase, _ standby: TestDatabase
    ) async throws {
        try await eventually("the stored watermark arrives") {
            try await standby.psql(Self.watermark, as: .reader) == "10"
        }
        _ = try await Self.append(5, to: "later", store)
        try await eventually("five more events arrive") {
            try await standby.count("select count(*) from skald.events") == 15
        }
        #expect(try await standby.psql(Self.watermark, as: .reader) == "10")
        #expect(try await standby.psql(Self.given, as: .reader) == "10")
        await #expect(throws: (any Error).self) {
            try await standby.psql(#"select skald.append('x-1', -2, '[{"type":"t","data":1}]')"#, as: .writer)
        }
        try await database.psql("select skald.store_watermark()", as: .writer)
        try await eventually("the stored watermark arrives") {
            try await standby.psql(Self.given, as: .reader) == "15"
        }
    }
}
