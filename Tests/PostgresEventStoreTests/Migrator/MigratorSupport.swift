import EmbeddedPostgres
import Logging
import Migrations
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// Runs a client of the database for as long as the closure runs.
func withClient<R>(
    of database: TestDatabase, user: String? = nil, _ body: (PostgresClient) async throws -> R
) async throws -> R {
    let user = user ?? database.server.superuser
    let configuration = PostgresClient.Configuration(
        connectionString: database.server.connectionString(database: database.name, user: user))
    return try await PostgresClient.with(configuration, logger: silent, body)
}

private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A client for what must be refused before anything is sent.
let neverRun = PostgresClient(.init(connectionString: "host=/nowhere"), logger: silent)

/// A migration to come after the real ones; it does something and records itself.
func nextMigration(_ name: String, _ sql: String, after count: Int = Migration.all.count) -> Migration {
    let number = count + 1
    let record = "insert into skald.migrations (number, name) values (\(number), '\(name)');"
    return Migration(number: number, name: name, sql: "\(sql)\n\(record)\n")
}

/// Asks again until the statement says true; fails after half a minute.
func waitUntil(_ sql: SQL, _ client: PostgresClient, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while try await !client.query(sql)[0].decode(Bool.self) {
        try #require(
            ContinuousClock.now < deadline, "not true in 30 seconds: \(sql.text)", sourceLocation: sourceLocation)
        await Task.yield()
    }
}
