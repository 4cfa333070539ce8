public import Postgres
public import PostgresEventStore

extension Transaction {
    /// Enqueues a message in this transaction: it leaves if the transaction commits, and does not exist if it does not.
    ///
    /// ```swift
    /// try await store.transaction { tx in
    ///     try await tx.append(events, to: stream, expecting: .version(7))
    ///     try await tx.enqueue(message, to: "bookings")
    /// }
    /// ```
    ///
    /// It waits for other open transactions that have enqueued messages of the same topic and key.
    ///
    /// - Parameter topic: What it is about, 1 to 250 bytes; sinks choose by it.
    /// - Returns: the place it gets.
    /// - Throws: SK003 if the message is not valid; the error says why.
    @discardableResult
    public func enqueue(_ message: OutboxMessage, to topic: String) async throws(PostgresError) -> Enqueued {
        try await enqueue([message], to: topic)[0]
    }

    /// Enqueues messages in this transaction, in the order given. See `enqueue(_:to:)` for a single one.
    @discardableResult
    public func enqueue(_ messages: [OutboxMessage], to topic: String) async throws(PostgresError) -> [Enqueued] {
        try await postgres.enqueue(messages, to: topic, tenant: tenant, schema: schema)
    }
}
