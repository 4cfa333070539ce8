// Several statements as one.
extension PostgresClient {
    /// Runs several statements as one transaction, in one round trip: all take effect or none does.
    ///
    /// Those after one that fails are not run. When the task is cancelled, or the deadline passes, the server is asked to
    /// cancel what is running, and the call returns when that has settled. Nothing is reported as done before the
    /// transaction has committed. The statements must not begin or end transactions themselves.
    ///
    /// - Parameters:
    ///   - statements: The statements, with their values.
    ///   - deadline: How long they may take together; the configuration's `statementDeadline` where nil.
    /// - Returns: One result for each statement.
    /// - Throws: `PostgresError`. `outcome` says whether the transaction may have committed.
    @discardableResult
    public func batch(_ statements: [SQL], deadline: Duration? = nil) async throws(PostgresError) -> [Rows] {
        for sql in statements { try sql.validated() }
        if statements.isEmpty { return [] }
        do {
            return try await withSession { session in
                try await session.perform(.batch(statements), deadline: deadline).results.map { Rows($0) }
            }
        } catch let error as PostgresError {
            throw error
        } catch {
            throw PostgresError(.protocolViolation, "\(error)", underlying: error)  // withSession throws nothing else
        }
    }
}
