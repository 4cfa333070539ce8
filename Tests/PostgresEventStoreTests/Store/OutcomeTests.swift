import EmbeddedPostgres
import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// ES1, ES2, ES3, ES10: whatever becomes of sessions and server, what was acknowledged is there once, what has failed is
/// not, and what was unknown is settled by trying again with the same id.
@Suite struct OutcomeTests {
    private struct Tried: Sendable {
        let id: AppendID
        let result: AppendResult?
    }

    @Test(.timeLimit(.minutes(3)))
    func `ES1, ES2, ES3, ES10: appends with ids are kept or refused, never both, through kills and restarts`()
        async throws
    {
        try await EmbeddedPostgres.with { server in
            try await withTestDatabase(.skald, on: server) { database in
                let end = Tally()
                var configuration = PostgresEventStore.Configuration()
                configuration.appendTimeout = .seconds(1)  // so that callers meet unknown outcomes too
                let tried = try await database.withStore(configuration: configuration) { store in
                    try await withThrowingTaskGroup(of: [Tried].self) { group in
                        for writer in 0..<12 {
                            group.addTask {
                                var tried: [Tried] = []
                                while end.count == 0 {
                                    tried.append(
                                        try await Self.append(to: "fault-\((writer + tried.count) % 5)", store))
                                }
                                return tried
                            }
                        }
                        for round in 0..<12 {
                            let before = try await database.count("select count(*) from skald.events")
                            try await Self.strike(round, server, database)
                            try await eventually("writers go on after each blow") {
                                try await database.count("select count(*) from skald.events") > before + 20
                            }
                        }
                        end.add()
                        return try await group.reduce(into: []) { $0 += $1 }
                    }
                }
                try await Self.compare(tried, database)
            }
        }
    }

    private static func strike(_ round: Int, _ server: EmbeddedPostgres, _ database: TestDatabase) async throws {
        switch round % 6 {
        case 2: try await server.restart()
        case 5:
            try await server.kill()
            try await server.start()
        default:
            try await database.psql(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and pid <> pg_backend_pid()
                """)
        }
    }

    /// Two events under one id; an unknown outcome is asked for again until it is known. Any definite failure here is one
    /// that may pass.
    private static func append(to stream: String, _ store: PostgresEventStore) async throws -> Tried {
        let id = AppendID()
        let event = try NewEvent(type: "seat.held", json: "{\"append\": \"\(id)\"}")
        let append = StreamAppend([event, event], to: try StreamID(validating: stream), expecting: .any)
        var mayHaveHappened = false
        while true {
            do {
                return Tried(id: id, result: try await store.append([append], id: id)[0])
            } catch {
                guard error.outcome != .failed else { throw error }
                // Once unknown, only a success settles it: a later refusal says nothing of the earlier attempt.
                mayHaveHappened = mayHaveHappened || error.outcome == .unknown
                if !mayHaveHappened { return Tried(id: id, result: nil) }
            }
        }
    }

    private static func compare(_ tried: [Tried], _ database: TestDatabase) async throws {
        let rows = try await database.psql(
            """
            select append_id, stream, min(version), max(version), max(position), count(*) from skald.events
             group by append_id, stream
            """)
        let stored = Set(rows.split(separator: "\n").map(String.init))
        let acknowledged = Set(
            tried.compactMap { one in
                one.result.map {
                    "\(one.id)|\($0.stream)|\($0.firstVersion)|\($0.lastVersion)|\($0.lastPosition)|2"
                }
            })
        #expect(acknowledged.subtracting(stored).isEmpty, "acknowledged and not there, or not as acknowledged")
        #expect(stored.subtracting(acknowledged).isEmpty, "there, although it was reported as failed")
        #expect(acknowledged.count > 100)
    }
}
