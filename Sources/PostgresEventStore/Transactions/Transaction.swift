public import EventSourcing
public import Postgres

/// An open transaction on the store's database: what is appended, enqueued and executed here commits together.
///
/// Deliberately not `Sendable`: the compiler refuses to use it from another task, because one connection does one thing at a
/// time. Used after its closure has ended, it throws.
public final class Transaction {
    /// The transaction as the client sees it.
    public let postgres: PostgresTransaction
    /// The schema that the store lives in.
    public let schema: SchemaName
    /// The tenant whose streams it sees.
    public let tenant: String
    private let statements: AppendStatements
    private let metrics: EventStoreMetrics
    /// What it has appended, to be counted when it has committed.
    private(set) var appended: [(result: AppendResult, events: Int)] = []

    init(_ postgres: PostgresTransaction, store: PostgresEventStore) {
        self.postgres = postgres
        schema = store.configuration.schema
        tenant = store.configuration.tenant
        statements = store.appends
        metrics = store.metrics
    }

    /// Appends encoded events to a stream. Waits for the stream if another transaction holds it.
    ///
    /// A conflict is thrown and leaves the transaction as it was: catch it and go on, if you like.
    ///
    /// - Throws: `versionConflict`, `appendIDReused`, `streamClosed`, `invalidArgument`; any other error ends the transaction.
    @discardableResult
    public func append(
        _ events: [NewEvent], to stream: StreamID, expecting expected: ExpectedVersion, id: AppendID? = nil
    ) async throws(EventStoreError) -> AppendResult {
        let append = StreamAppend(events, to: stream, expecting: expected)
        try StreamAppend.validate([append])
        return try await self.append(EncodedAppend(append, id: id))
    }

    /// Encodes events and appends them to a stream. See `append(_:to:expecting:id:)` for encoded ones.
    @discardableResult
    public func append<E: Event>(
        _ events: [E], to stream: StreamID, expecting expected: ExpectedVersion, id: AppendID? = nil,
        metadata: Metadata = Metadata(), coding: EventCoding = EventCoding()
    ) async throws(EventStoreError) -> AppendResult {
        try await append(coding.encode(events, metadata: metadata), to: stream, expecting: expected, id: id)
    }

    /// Runs a statement of the caller's own.
    ///
    /// - Returns: how many rows it touched.
    @discardableResult
    public func execute(_ sql: SQL) async throws(PostgresError) -> Int { try await postgres.execute(sql) }

    /// Runs a query of the caller's own.
    public func query(_ sql: SQL) async throws(PostgresError) -> Rows { try await postgres.query(sql) }

    func append(_ append: EncodedAppend) async throws(EventStoreError) -> AppendResult {
        let rows: Rows
        do {
            rows = try await postgres.query(statements.one(append, patience: nil, known: nil))
        } catch {
            throw EventStoreError(appending: error, to: append.stream)
        }
        return try result(of: append, rows).get()
    }

    /// Appends to several streams, in this order and in one round trip. What one of them meets keeps none of the others
    /// from being done.
    func append(_ appends: [EncodedAppend]) async throws(EventStoreError) -> [Result<AppendResult, EventStoreError>] {
        let rows: [Rows]
        do {
            rows = try await postgres.pipeline(appends.map { statements.one($0, patience: nil, known: nil) })
        } catch {
            throw EventStoreError(appending: error)
        }
        return zip(appends, rows).map { result(of: $0, $1) }
    }

    private func result(of append: EncodedAppend, _ rows: Rows) -> Result<AppendResult, EventStoreError> {
        statements.outcome(of: rows).flatMap { outcome in
            let result = outcome.result(of: append)
            switch result {
            case .success(let success):
                if case .appended = outcome { appended.append((success, append.events.count)) }
            case .failure(let error):
                if error.code == .versionConflict { metrics.conflicted() }
            }
            return result
        }
    }
}

@available(*, unavailable)
extension Transaction: Sendable {}
