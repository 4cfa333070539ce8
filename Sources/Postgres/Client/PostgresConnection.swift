/// A connection that belongs to one caller for as long as a closure runs. See ``PostgresClient/withConnection(_:)``.
///
/// It is not `Sendable`, so statements cannot run side by side on it. When the task is cancelled, or a deadline passes,
/// the server is asked to cancel the statement, and the call returns when that has settled.
public struct PostgresConnection {
    let session: Session

    /// The process id of the server's backend, as `pg_stat_activity` and `pg_locks` show it.
    public var backendPID: Int32 { session.connection.backendPID }

    /// Runs a statement and collects its rows.
    ///
    /// - Parameters:
    ///   - sql: The statement, with its values.
    ///   - deadline: How long it may take; the configuration's `statementDeadline` where nil.
    /// - Throws: `PostgresError`. `outcome` says whether the statement may have taken effect.
    @discardableResult
    public func query(_ sql: SQL, deadline: Duration? = nil) async throws(PostgresError) -> Rows {
        try sql.validated()
        return Rows(try await session.perform(.statement(sql), deadline: deadline).only)
    }

    /// Runs a statement and says how many rows it inserted, updated, deleted, merged or selected.
    @discardableResult
    public func execute(_ sql: SQL, deadline: Duration? = nil) async throws(PostgresError) -> Int {
        try await query(sql, deadline: deadline).affected
    }

    /// Sends several statements at once, and waits for all of them: one round trip.
    ///
    /// Outside of a transaction they are one: all take effect or none does. Statements after one that fails are not run.
    ///
    /// - Returns: One result for each statement.
    @discardableResult
    public func pipeline(_ statements: [SQL], deadline: Duration? = nil) async throws(PostgresError) -> [Rows] {
        for sql in statements { try sql.validated() }
        if statements.isEmpty { return [] }
        return try await session.perform(.batch(statements), deadline: deadline).results.map { Rows($0) }
    }

    /// Runs a statement and gives its rows one by one, in bounded memory.
    ///
    /// Nothing else can be run on the connection before they are all read or the sequence and its iterator are let go.
    ///
    /// - Parameters:
    ///   - sql: The statement, with its values.
    ///   - patience: How long the server may take for the next row; the configuration's `statementDeadline` where nil.
    /// - Throws: `PostgresError`; the sequence throws what the statement ends with.
    public func stream(_ sql: SQL, patience: Duration? = nil) async throws(PostgresError) -> RowStream {
        try sql.validated()
        return RowStream(
            source: try session.flow(patience: patience, isInTransaction: session.connection.transactionStatus == .open)
            {
                .rows(sql, $0)
            })
    }

    /// Runs a `copy … to stdout` and gives its data piece by piece, in bounded memory.
    ///
    /// - Parameters:
    ///   - sql: The statement; it cannot have values.
    ///   - patience: How long the server may take for the next piece; the configuration's `statementDeadline` where nil.
    /// - Throws: `PostgresError`; the sequence throws what the statement ends with.
    public func copyOut(_ sql: SQL, patience: Duration? = nil) async throws(PostgresError) -> CopyReader {
        let text = try sql.textWithoutBinds()
        return CopyReader(
            source: try session.flow(patience: patience, isInTransaction: session.connection.transactionStatus == .open)
            {
                .copyOut(text, $0)
            })
    }

    /// Runs a `copy … from stdin` with the data that `body` writes.
    ///
    /// When `body` throws, nothing is copied.
    ///
    /// - Parameters:
    ///   - sql: The statement; it cannot have values.
    ///   - patience: How long the server may take for a piece; the configuration's `statementDeadline` where nil.
    ///   - body: Writes the data.
    /// - Returns: How many rows were copied.
    /// - Throws: What `body` throws, or the statement's `PostgresError`.
    @discardableResult
    public func copyIn(
        _ sql: SQL, patience: Duration? = nil, _ body: (CopyWriter) async throws -> Void
    ) async throws -> Int {
        try await session.copyIn(
            sql, patience: patience, isInTransaction: session.connection.transactionStatus == .open, body)
    }

    /// Runs several statements in one text; they come without values and their results are dropped.
    ///
    /// Without `begin` in it the text is one transaction.
    ///
    /// - Throws: `PostgresError` of the first statement that fails.
    public func simpleScript(_ text: String, deadline: Duration? = nil) async throws(PostgresError) {
        try SQL(unescaped: text).validated()
        _ = try await session.perform(.script(text), deadline: deadline)
    }
}

@available(*, unavailable)
extension PostgresConnection: Sendable {}
