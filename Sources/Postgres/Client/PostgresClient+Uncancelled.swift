extension PostgresClient {
    /// Runs a statement whatever becomes of the caller's task: for work that is done on behalf of others, or whose answer
    /// has to be known. The deadline holds. See ``query(_:deadline:)``.
    package func queryUncancelled(_ sql: SQL, deadline: Duration? = nil) async throws(PostgresError) -> Rows {
        try sql.validated()
        let pool = try pool()
        let request = Request(.statement(sql), deadline: end(of: deadline))
        return Rows(try await request.promise.uncancelledValue { pool.post(.request(request)) }.only)
    }
}
