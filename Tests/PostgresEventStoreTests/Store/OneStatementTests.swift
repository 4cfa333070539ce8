import EmbeddedPostgres
import PostgresEventStore
import SkaldTesting
import Testing

/// An append is one round trip: one statement, its own transaction. The server itself counts (`pg_stat_statements`).
@Suite struct OneStatementTests {
    @Test func `a lone append is one statement, and many at once share theirs`() async throws {
        var configuration = EmbeddedPostgres.Configuration()
        configuration.settings["shared_preload_libraries"] = "pg_stat_statements"
        try await EmbeddedPostgres.with(configuration) { server in
            try await withTestDatabase(.skald, on: server) { database in
                try await database.psql("create extension pg_stat_statements")
                try await database.withStore { store in
                    for number in 0..<8 { try await store.appendOne(to: "warm-\(number % 2)") }
                    try await database.psql("select from pg_stat_statements_reset()")
                    for number in 0..<40 { try await store.appendOne(to: "seat-\(number % 7)") }
                    let alone = try await Self.statements(database)
                    #expect(alone.appends == 40)
                    #expect(alone.others.isEmpty, "an append needs nothing beside it")

                    try await database.psql("select from pg_stat_statements_reset()")
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<200 { group.addTask { try await store.appendOne(to: "many-\(number)") } }
                        try await group.waitForAll()
                    }
                    let together = try await Self.statements(database)
                    #expect((1..<100).contains(together.appends), "\(together.appends) statements for 200 appends")
                    #expect(together.others.isEmpty)
                }
            }
        }
    }

    /// How often the writer called an appending function, and what else it sent, begin and commit included. What the store
    /// does by itself now and then is nobody's append: it tells others of commits, and looks at the log.
    private static func statements(_ database: TestDatabase) async throws -> (appends: Int, others: [String]) {
        let counted = """
            from pg_stat_statements s
             where s.dbid = (select oid from pg_database where datname = current_database())
               and s.userid = '\(database.user(.writer))'::regrole
            """
        let appends = try await database.count("select coalesce(sum(calls), 0) \(counted) and query like '%append\\_%'")
        let others = try await database.psql(
            """
            select query \(counted) and query not like '%append\\_%' and query not like '%pg_notify%'
               and query !~ '(store_watermark|log_status|begin_session)\\(\\)'
            """)
        return (appends, others.split(separator: "\n").map(String.init))
    }
}
