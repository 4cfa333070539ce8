import Postgres
import Testing

/// The error that `body` throws, for a closer look at it.
func postgresError(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async throws -> PostgresError {
    try await #require(throws: PostgresError.self, sourceLocation: sourceLocation) { try await body() }
}
