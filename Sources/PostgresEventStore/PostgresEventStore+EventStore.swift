public import EventSourcing
import Postgres

extension PostgresEventStore: EventStore {
    /// Appends to one or several streams: all of it or nothing. See `EventStore.append(_:id:)`.
    ///
    /// An append to one stream goes with other callers' appends in one transaction; one to several streams has a transaction
    /// of its own.
    public func append(_ appends: [StreamAppend], id: AppendID?) async throws(EventStoreError) -> [AppendResult] {
        try StreamAppend.validate(appends)
        if let only = appends.first, appends.count == 1 {
            return [try await pipeline.append(EncodedAppend(only, id: id))]
        }
        return try await appendAtomically(appends, id: id)
    }

    /// Reads a page of a stream. See `EventStore.readPage(of:from:_:limit:)`.
    public func readPage(
        of stream: StreamID, from: StreamVersion?, _ direction: ReadDirection, limit: Int
    ) async throws(EventStoreError) -> StreamPage {
        let limit = try Self.validated(limit: limit)
        do throws(PostgresError) {
            let rows = try await client.query(
                reads.stream(stream, from: from, direction, limit: limit), deadline: configuration.statementTimeout)
            return StreamPage(events: try reads.events(of: rows), isLast: rows.count < limit)
        } catch {
            throw EventStoreError(reading: error)
        }
    }

    /// Reads a page of the log. See `EventStore.readLogPage(after:limit:)`.
    public func readLogPage(after cursor: LogCursor, limit: Int) async throws(EventStoreError) -> LogPage {
        let limit = try Self.validated(limit: limit)
        do throws(PostgresError) {
            let rows = try await client.query(
                reads.log(after: cursor, limit: limit), deadline: configuration.statementTimeout)
            let events = try reads.events(of: rows)
            return LogPage(events: events, cursor: events.last?.cursor ?? cursor, isLast: events.count < limit)
        } catch {
            throw EventStoreError(reading: error, after: cursor)
        }
    }

    /// Where the log stands. See `status()` for who holds the watermark back.
    public func logState() async throws(EventStoreError) -> LogState {
        let status = try await status()
        return LogState(generation: status.generation, head: status.head, watermark: status.watermark)
    }

    /// Waits until this process or another has appended, or for the poll interval.
    public func waitForEvents(after cursor: LogCursor) async throws(EventStoreError) {
        let seen = readers.count
        // Between the caller's empty page and here an append may have committed whose wake-up nobody saw.
        let isHeldBack: Bool
        do throws(PostgresError) {
            let rows = try await client.query(reads.isMore(after: cursor), deadline: configuration.statementTimeout)
            guard let row = rows.first else { throw PostgresError(.decoding, "is_more() returned no row") }
            let (hasMore, heldBack) = try row.decode(Bool.self, Bool.self)
            if hasMore { return }
            isHeldBack = heldBack
        } catch {
            throw EventStoreError(reading: error, after: cursor)
        }
        // Somebody is about to commit or to roll back, and need not tell us.
        await readers.wait(past: seen, for: isHeldBack ? .milliseconds(20) : configuration.pollInterval)
        if Task.isCancelled { throw .cancelled }
    }

    private static func validated(limit: Int) throws(EventStoreError) -> Int {
        guard (1...10_000).contains(limit) else {
            throw .invalidArgument("limit", "a page has 1 to 10,000 events; \(limit) were asked for")
        }
        return limit
    }
}
