extension PostgresClient {
    /// Runs `body` in a transaction on a connection of its own: commits when it returns, rolls back when it throws.
    ///
    /// ```swift
    /// try await client.withTransaction(maximumAttempts: 3) { tx in
    ///     try await tx.execute("update seats set held = held - 1 where id = \(seat)")
    ///     try await tx.execute("insert into bookings (id, seat) values (\(booking), \(seat))")
    /// }
    /// ```
    ///
    /// A commit whose answer is lost throws an error of outcome `unknown`, and is never repeated.
    ///
    /// - Parameters:
    ///   - isolation: How far it is kept apart from other transactions.
    ///   - readOnly: Whether the server refuses writes.
    ///   - maximumAttempts: How often `body` may run in all. It runs again, after a short pause, when the transaction was
    ///     certainly rolled back for a passing cause: SQLSTATE 40001 or 40P01, or a connection that was lost before the
    ///     commit. It does not run again when the server ended the session because the transaction did nothing for longer
    ///     than `idleInTransactionTimeout`: it would do nothing for as long once more. More than 1 asks for a `body`
    ///     without other effects. Default: 1.
    ///   - deadline: How long all of it may take, the wait for a connection and repetitions included; nil, the default, is
    ///     without end. No statement gets more time than is left of it; when it has passed every further statement and the
    ///     commit fail with code `deadlineExceeded`, and the transaction is rolled back.
    /// - Throws: What `body` throws, or the commit's `PostgresError`.
    @discardableResult
    public func withTransaction<R>(
        isolation: IsolationLevel = .readCommitted, readOnly: Bool = false, maximumAttempts: Int = 1,
        deadline: Duration? = nil, _ body: (PostgresTransaction) async throws -> R
    ) async throws -> R {
        precondition(maximumAttempts >= 1, "a transaction needs an attempt")
        let limit = deadline.map(TransactionLimit.init)
        var attempt = 1
        while true {
            do {
                return try await transaction(isolation, readOnly, limit, body)
            } catch let error as PostgresError where error.isWorthAnotherAttempt && attempt < maximumAttempts {
                if let limit, limit.end <= .now { throw error }
                try await Task.sleep(for: Self.retryBackoff.pause(beforeAttempt: attempt, random: .random(in: 0..<1)))
                attempt += 1
            }
        }
    }

    private static let retryBackoff = Backoff(first: .milliseconds(2), longest: .milliseconds(500))

    private func transaction<R>(
        _ isolation: IsolationLevel, _ readOnly: Bool, _ limit: TransactionLimit?,
        _ body: (PostgresTransaction) async throws -> R
    ) async throws -> R {
        try await withSession { session in
            let transaction = PostgresTransaction(session, isolation: isolation, isReadOnly: readOnly, limit: limit)
            let value: R
            do {
                value = try await body(transaction)
            } catch {
                await transaction.rollback()
                throw error
            }
            try await transaction.commit()
            return value
        }
    }
}

extension PostgresError {
    /// Whether the whole transaction can be run again.
    var isWorthAnotherAttempt: Bool {
        guard outcome == .retriable else { return false }
        switch sqlState {
        case .serializationFailure, .deadlockDetected: return true
        // Retriable only where a prepared statement had to be prepared again.
        case .invalidStatementName, .featureNotSupported: return true
        default: return code == .connectionLost
        }
    }
}
