// Statements that stand alone: each is a transaction of its own, and shares its connection with those of other callers.
extension PostgresClient {
    /// Runs a statement and collects its rows.
    ///
    /// Statements of many callers share few connections and are sent without waiting for one another; each stands or falls
    /// alone. They must not depend on session state: one that changes it (`begin`, `set`, `listen`, `prepare`) fails
    /// with code `unsupported`, is undone, and ends its connection. One that takes long holds up those behind it: run it in
    /// ``withConnection(_:)``.
    ///
    /// When the task is cancelled or the deadline passes, the caller stops waiting; the statement may still be carried out.
    ///
    /// - Parameters:
    ///   - sql: The statement, with its values.
    ///   - deadline: How long to wait; the configuration's `statementDeadline` where nil.
    /// - Throws: `PostgresError`. `outcome` says whether the statement may have taken effect.
    @discardableResult
    public func query(_ sql: SQL, deadline: Duration? = nil) async throws(PostgresError) -> Rows {
        try sql.validated()
        let answer = try await pool().perform(Request(.statement(sql), deadline: end(of: deadline)))
        return try Rows(answer.only)
    }

    /// Runs a statement and says how many rows it inserted, updated, deleted, merged or selected.
    ///
    /// See ``query(_:deadline:)``.
    @discardableResult
    public func execute(_ sql: SQL, deadline: Duration? = nil) async throws(PostgresError) -> Int {
        try await query(sql, deadline: deadline).affected
    }
}

extension Answer {
    /// The result of a request for one statement.
    var only: ResultHandle {
        get throws(PostgresError) {
            guard case .one(let result) = self else {
                throw PostgresError(.protocolViolation, "the server gave \(results.count) results for one statement")
            }
            return result
        }
    }
}
