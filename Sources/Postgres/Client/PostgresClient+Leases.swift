// Connections of one's own.
extension PostgresClient {
    /// Lends a connection to `body`, alone.
    ///
    /// Callers are served in the order in which they came. When `body` is done an open transaction is rolled back and the
    /// session's settings, locks, temporary tables, cursors and LISTENs are dropped.
    ///
    /// - Throws: What `body` throws; `PostgresError` with code `poolTimeout` or `poolExhausted` where no connection is to be
    ///   had.
    @discardableResult
    public func withConnection<R>(_ body: (PostgresConnection) async throws -> R) async throws -> R {
        try await withSession { session in
            session.needsReset = true
            return try await body(PostgresConnection(session: session))
        }
    }

    /// Runs several statements in one text, such as a migration; they come without values and their results are dropped.
    ///
    /// Without `begin` in it the text is one transaction. It runs on a connection of its own.
    ///
    /// - Throws: `PostgresError` of the first statement that fails.
    public func simpleScript(_ text: String, deadline: Duration? = nil) async throws {
        try await withConnection { try await $0.simpleScript(text, deadline: deadline) }
    }

    /// Lends a session to `body` and takes it back clean.
    func withSession<R>(_ body: (Session) async throws -> R) async throws -> R {
        let pool = try pool()
        let connection = try await pool.lease(deadline: .now + configuration.waitDeadline)
        let session = Session(connection, statementDeadline: configuration.statementDeadline)
        let result: Result<R, any Error>
        do {
            result = .success(try await body(session))
        } catch {
            result = .failure(error)
        }
        let isClean = await session.end()
        pool.post(isClean ? .release(connection.id) : .discard(connection.id))
        return try result.get()
    }
}
