public import Postgres
public import PostgresEventStore

extension PostgresTransaction {
    /// Enqueues messages in this transaction: they leave if it commits, and do not exist if it does not.
    ///
    /// It waits for other open transactions that have enqueued messages of the same keys. Keep the transaction short: while
    /// it is open, no relay sends what was enqueued after it.
    ///
    /// - Parameters:
    ///   - topic: What they are about, 1 to 250 bytes; sinks choose by it.
    ///   - tenant: The tenant they belong to. Default: the empty one.
    /// - Returns: the places they get, in the order given.
    /// - Throws: SK003 if a message is not valid; the error names it and says why.
    @discardableResult
    public func enqueue(
        _ messages: [OutboxMessage], to topic: String, tenant: String = "", schema: SchemaName = .standard
    ) async throws(PostgresError) -> [Enqueued] {
        guard !messages.isEmpty else { return [] }
        let statement = OutboxStatements(schema: schema).enqueue(messages, to: topic, tenant: tenant)
        let rows = try await query(statement).decode(Int32.self, Int64.self, Int64.self)
        return zip(messages, rows).map { Enqueued(id: $0.id, keyVersion: $1.1, position: $1.2) }
    }
}
