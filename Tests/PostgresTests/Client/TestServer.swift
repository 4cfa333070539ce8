import EmbeddedPostgres
import Logging
import Postgres
import Synchronization

/// A database of one's own on the server that all suites share, and a client of it.
enum TestServer {
    private static let counter = Atomic<Int>(0)

    /// Makes an empty database and gives its connection string.
    static func database() async throws -> String {
        let server = try await EmbeddedPostgres.shared()
        let name = "postgres_client_\(counter.add(1, ordering: .relaxed).newValue)"
        try await server.createDatabase(name)
        return server.connectionString(database: name)
    }

    /// Runs a client of a new database for as long as `body` does.
    static func withClient<R>(
        _ change: (inout PostgresClient.Configuration) -> Void = { _ in },
        _ body: (PostgresClient) async throws -> R
    ) async throws -> R {
        var configuration = PostgresClient.Configuration(connectionString: try await database())
        change(&configuration)
        return try await PostgresClient.with(configuration, logger: logger, body)
    }

    static var logger: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}

/// Waits until a condition holds, looking again every few milliseconds; false when it does not within the time.
func eventually(within limit: Duration = .seconds(30), _ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return false
}

// Untyped throws on purpose: 6.3.1 does not see typed ones inside of #expect in a closure that throws nothing else.
extension PostgresClient {
    /// The only number of the only row.
    func number(_ sql: SQL) async throws -> Int64 {
        try await query(sql).one().decode(Int64.self)
    }
}

extension PostgresConnection {
    /// The only number of the only row.
    func number(_ sql: SQL) async throws -> Int64 {
        try await query(sql).one().decode(Int64.self)
    }
}
