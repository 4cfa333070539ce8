public import Postgres
public import PostgresEventStore

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Makes the handling of delivered messages exactly-once, for a consumer whose effect is in the same database.
///
/// ```swift
/// let inbox = Inbox(client, consumer: "seat-holds")
/// let handling = try await inbox.handle(id) { tx in
///     try await tx.execute("update seats set held = true where id = \(seat)")
/// }
/// ```
///
/// The row that says "handled" and the effect commit together or not at all. A duplicate, also one that arrives at the same
/// moment, finds the row and has no effect.
///
/// A row is kept for `window`; a duplicate that comes later is not recognised. So choose it longer than the sender may
/// repeat a message: longer than its outbox keeps messages, and than a parked key may wait. Say when messages were made
/// (`madeAt`), and one from before the window is refused instead of being handled twice.
public struct Inbox: Sendable {
    /// What became of a message.
    public enum Handling: Sendable, Hashable {
        /// It was handled now.
        case handled
        /// It had been handled before.
        case duplicate
    }

    /// Who handles: a message is handled once by each consumer.
    public let consumer: String
    /// How long a duplicate is recognised.
    public let window: Duration
    private let client: PostgresClient
    private let schema: SchemaName
    private let tenant: String

    /// The inbox of a consumer.
    ///
    /// - Parameters:
    ///   - consumer: Its name, 1 to 250 bytes; keep it.
    ///   - window: How long a duplicate is recognised. Default: 30 days.
    public init(
        _ client: PostgresClient, consumer: String, window: Duration = .seconds(30 * 86_400),
        schema: SchemaName = .standard,
        tenant: String = ""
    ) {
        self.client = client
        self.consumer = consumer
        self.window = window
        self.schema = schema
        self.tenant = tenant
    }

    /// Runs `body` in a transaction if the message has not been handled yet, and records with it that it now is.
    ///
    /// `body` may run again from its beginning when the server reports a deadlock or a serialization failure.
    ///
    /// - Parameters:
    ///   - id: The CloudEvents `id` of the message.
    ///   - madeAt: Its CloudEvents `time`, if it has one. Default: nil, nothing is refused for its age.
    /// - Throws: what `body` throws; the message then counts as not handled. `PostgresError` with SK012 for a message from
    ///   before the window; with outcome `unknown` if the answer to the commit was lost: handle the message again.
    public func handle(
        _ id: MessageID, madeAt: Date? = nil, _ body: (PostgresTransaction) async throws -> Void
    ) async throws -> Handling {
        try await client.withTransaction(maximumAttempts: 5) { transaction in
            guard try await accept(id, madeAt: madeAt, in: transaction) else { return .duplicate }
            try await body(transaction)
            return .handled
        }
    }

    /// Records in the caller's transaction that the message is handled; for callers that have a transaction already.
    ///
    /// - Returns: false if it had been handled before: then have no effect.
    public func accept(
        _ id: MessageID, madeAt: Date? = nil, in transaction: PostgresTransaction
    ) async throws(PostgresError) -> Bool {
        let statement: SQL = """
            select \(unescaped: schema.quoted).inbox_accept(\(consumer), \(id.rawValue), \(madeAt), \
            make_interval(secs => \(window.inSeconds)), \(tenant))
            """
        return try await transaction.query(statement).one()[0].decode(Bool.self)
    }

    /// Forgets what is older than the window, of every consumer. Call it now and then.
    ///
    /// - Parameter limit: How many rows at most. Default: 10,000.
    /// - Returns: how many were forgotten.
    @discardableResult
    public func purge(limit: Int = 10_000) async throws(PostgresError) -> Int {
        let statement: SQL = "select \(unescaped: schema.quoted).inbox_purge(\(Int32(clamping: limit)))"
        return Int(try await client.query(statement).one()[0].decode(Int32.self))
    }
}
