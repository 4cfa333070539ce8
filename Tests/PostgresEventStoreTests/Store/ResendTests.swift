import EmbeddedPostgres
import EventSourcing
import SkaldTesting
import Testing

@testable import PostgresEventStore

/// ES2, ES10: an append that is sent again, because its first answer did not come, is one append, and what is said of it is
/// true of all its attempts.
@Suite struct ResendTests {
    /// The way to lose an answer after the commit: it waits for a standby that does not exist, and its session is ended.
    private static func losingAnswers<R: Sendable>(
        of database: TestDatabase, _ append: @escaping @Sendable (_ number: Int) async throws -> R
    ) async throws -> [R] {
        let end = Tally()
        return try await withThrowingTaskGroup(of: [R].self) { group in
            try await database.psql("alter system set synchronous_standby_names = 'nobody'; select pg_reload_conf()")
            group.addTask {
                var results: [R] = []
                while end.count == 0 { results.append(try await append(results.count)) }
                return results
            }
            try await eventually("a session is ended that has committed and not answered") {
                try await database.count(
                    """
                    select count(pg_terminate_backend(pid)) from pg_stat_activity
                     where wait_event = 'SyncRep' and (query like '%append%' or query = 'commit')
                    """) > 0
            }
            end.add()
            try await database.psql("alter system reset synchronous_standby_names; select pg_reload_conf()")
            return try await group.next() ?? []
        }
    }

    private static let quiet = {
        var configuration = PostgresEventStore.Configuration()
        configuration.statusInterval = .seconds(600)
        configuration.announceInterval = .seconds(600)
        configuration.listens = false
        return configuration
    }()

    private static let doubled =
        "select count(*) from (select from skald.events group by stream having count(*) > 1) as d"

    @Test(.timeLimit(.minutes(3)))
    func `ES10: an append is recognised when it is sent again, although positions were taken back meanwhile`()
        async throws
    {
        try await EmbeddedPostgres.with { server in
            try await withTestDatabase(.skald, on: server) { database in
                try await database.psql(
                    "select count(nextval('skald.events_position')) from generate_series(1, 1000)")
                try await database.withStore(configuration: Self.quiet) { store in
                    try await eventually("the store knows the log's end") { store.sender.end.known == 1000 }
                    // What a crash does to positions that were drawn and not flushed.
                    try await database.psql("select setval('skald.events_position', 10)")
                    let results = try await Self.losingAnswers(of: database) { number in
                        try await store.appendOne(to: "lost-\(number)")
                    }
                    #expect(results.last?.wasReplayed == true, "it was sent again")
                    #expect(try await database.count(Self.doubled) == 0)
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `ES2, ES10: an append to several streams whose commit was not answered is sent again with its id`()
        async throws
    {
        try await EmbeddedPostgres.with { server in
            try await withTestDatabase(.skald, on: server) { database in
                try await database.withStore(configuration: Self.quiet) { store in
                    try await store.appendOne(to: "before-1")
                    let results = try await Self.losingAnswers(of: database) { number in
                        let event = try NewEvent(type: "seat.held", json: "{}")
                        return try await store.append(
                            ["a-\(number)", "b-\(number)"].map {
                                StreamAppend([event], to: try StreamID(validating: $0), expecting: .any)
                            })
                    }
                    #expect(results.last?.map(\.wasReplayed) == [true, true])
                    #expect(try await database.count(Self.doubled) == 0)
                }
            }
        }
    }

    struct Held: Sendable, CustomTestStringConvertible {
        let expected: ExpectedVersion
        let exists: Bool
        /// Whether what comes later can make the expectation true.
        let mayPass: Bool
        var testDescription: String { "\(expected), \(exists)" }
    }

    @Test(
        .timeLimit(.minutes(3)),
        arguments: [
            Held(expected: .version(1), exists: true, mayPass: true),
            Held(expected: .streamExists, exists: false, mayPass: true),
            Held(expected: .version(0), exists: false, mayPass: true),
            Held(expected: .noStream, exists: true, mayPass: false),
        ])
    func `ES2: a conflict is not called definite while an earlier attempt may still meet what it expects`(
        _ held: Held
    ) async throws {
        try await withTestDatabase(.skald) { database in
            if held.exists { try await database.psql(Self.one, as: .writer) }
            try await database.hold(callOf: "append_one", before: "if p_patience > 0 then")
            var configuration = PostgresEventStore.Configuration()
            configuration.statementTimeout = .seconds(1)
            try await database.withStore(configuration: configuration) { store in
                try await database.holding(TestDatabase.gate) {
                    let error = await #expect(throws: EventStoreError.self) {
                        try await store.appendOne(to: "held-1", expecting: held.expected)
                    }
                    #expect(
                        error?.code == (held.mayPass ? .outcomeUnknown : .versionConflict),
                        "\(String(reflecting: error))")
                    #expect(try await database.someoneWaits(), "the first attempt is held")
                    try await database.psql(Self.one, as: .writer)
                }
                let (before, after) = ((held.exists ? 2 : 1), (held.mayPass ? 1 : 0))
                try await eventually("the first attempt runs") { try await !database.someoneWaits() }
                try await eventually("it does what it was told to do") {
                    try await database.count("select count(*) from skald.events") == before + after
                }
            }
        }
    }

    private static let one = #"select skald.append('held-1', -2, '[{"type":"seat.held","data":{}}]');"#
}
