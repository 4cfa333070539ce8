import EmbeddedPostgres
import Logging
import Postgres
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Runs `body` with a client of a database of its own, on the server that all suites share.
func withDatabase<R>(
    _ name: String, create: String = "", _ body: (PostgresClient) async throws -> R
) async throws -> R {
    let server = try await EmbeddedPostgres.shared()
    let database = "\(name)_\(UUID().uuidString.lowercased())"
    _ = try await server.psql("create database \"\(database)\" \(create)")
    let configuration = PostgresClient.Configuration(connectionString: server.connectionString(database: database))
    return try await PostgresClient.with(configuration, logger: Logger(label: "test"), body)
}

/// The error that `body` throws, for a closer look at it.
func postgresError(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async throws -> PostgresError {
    try await #require(throws: PostgresError.self, sourceLocation: sourceLocation) { try await body() }
}
