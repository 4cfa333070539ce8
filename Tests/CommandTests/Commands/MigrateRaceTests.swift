import EmbeddedPostgres
import Migrations
import Postgres
import SkaldTesting
import Testing

/// Several `skald migrate apply` at once: on one database, and on several of one cluster, whose roles they share.
@Suite("skald migrate, several at once") struct MigrateRaceTests {
    private static func url(_ server: EmbeddedPostgres, _ database: String) -> String {
        server.connectionString(database: database, user: "race_deployer")
    }

    private static let roles = """
        create role skald_owner nologin; create role skald_writer nologin; create role skald_reader nologin;
        create role skald_operator nologin; grant skald_reader to skald_writer, skald_operator
        """

    /// - Parameter commits: whether another one, who was first, has made the roles, or has given up.
    @Test(.timeLimit(.minutes(3)), arguments: [true, false])
    func `four processes on two databases of a new cluster all succeed, and every file is applied once`(
        commits: Bool
    ) async throws {
        try await EmbeddedPostgres.with { server in
            _ = try await server.psql("create role race_deployer login createrole")
            for name in ["one", "two"] {
                try await server.createDatabase(name)
                _ = try await server.psql("grant create on database \(name) to race_deployer")
            }
            struct GivenUp: Error {}
            let finished = try await withThrowingTaskGroup(of: (String, ChildProgram.Finished).self) { group in
                let first = PostgresClient.Configuration(connectionString: Self.url(server, "postgres"))
                try await PostgresClient.with(first, logger: .silent) { client in
                    do {
                        try await client.withTransaction { transaction in
                            for statement in Self.roles.split(separator: ";") {
                                try await transaction.execute(SQL(unescaped: String(statement)))
                            }
                            for name in ["one", "two", "one", "two"] {
                                group.addTask {
                                    let arguments = ["migrate", "apply", "--url", Self.url(server, name)]
                                    return (name, try await ChildProgram.run("skald", arguments))
                                }
                            }
                            // In each database one waits for the roles, and the other for the first.
                            try await eventually("four wait") {
                                let waiting = """
                                    select count(*) from pg_stat_activity
                                     where datname in ('one', 'two') and wait_event_type = 'Lock'
                                    """
                                return try await server.psql(waiting) == "4"
                            }
                            if !commits { throw GivenUp() }
                        }
                    } catch is GivenUp {}
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (name, program) in finished { #expect(program.status == 0, "\(name): \(program.error)") }
            for name in ["one", "two"] {
                let applied = finished.filter { $0.0 == name }.flatMap { $0.1.output.split(separator: "\n") }
                    .filter { $0.hasPrefix("applied ") }.map(String.init)
                #expect(applied.sorted() == Migration.all.map { "applied \($0.fileName)" })
                let recorded = try await server.psql("select count(*) from skald.migrations", database: name)
                #expect(recorded == "\(Migration.all.count)")
            }
        }
    }
}
