import Synchronization

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// An event store in memory: for tests, and for trying things out. It keeps every promise of `EventStore` but
/// durability, and its events go through the same bytes as in a database.
public final class InMemoryEventStore: EventStore {
    private let log: Mutex<InMemoryLog>
    private let now: @Sendable () -> Date

    /// Makes an empty store.
    ///
    /// - Parameter now: The clock that gives events their `recordedAt`.
    public init(now: @escaping @Sendable () -> Date = { Date() }) {
        log = Mutex(InMemoryLog())
        self.now = now
    }

    /// Appends to one or several streams: all of it or nothing.
    public func append(_ appends: [StreamAppend], id: AppendID?) async throws(EventStoreError) -> [AppendResult] {
        try StreamAppend.validate(appends)
        if Task.isCancelled { throw .cancelled }
        let recordedAt = now()
        let outcome = log.withLock { log -> Result<(results: [AppendResult], woken: [Waiter]), EventStoreError> in
            Result { () throws(EventStoreError) in
                let results = try log.append(appends, id: id, at: recordedAt)
                return (results, log.takeWaiters())
            }
        }
        let (results, woken) = try outcome.get()
        for waiter in woken { waiter.resume() }
        return results
    }

    /// Reads a page of a stream.
    public func readPage(
        of stream: StreamID, from: StreamVersion?, _ direction: ReadDirection, limit: Int
    ) async throws(EventStoreError) -> StreamPage {
        try PageLimit.validate(limit)
        return log.withLock { $0.page(of: stream, from: from, direction, limit: limit) }
    }

    /// Reads a page of the log.
    public func readLogPage(after cursor: LogCursor, limit: Int) async throws(EventStoreError) -> LogPage {
        try PageLimit.validate(limit)
        return try log.withLock { log in
            Result { () throws(EventStoreError) in try log.page(after: cursor, limit: limit) }
        }.get()
    }

    /// Where the log stands; without writers under way, head and watermark are the same.
    public func logState() async throws(EventStoreError) -> LogState {
        log.withLock { $0.state }
    }

    /// Waits until there is an event after the cursor.
    public func waitForEvents(after cursor: LogCursor) async throws(EventStoreError) {
        let ticket = log.withLock { $0.drawTicket() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayGoOn = log.withLock { log in
                    // The handler may have run before the waiter is here to be found.
                    if Task.isCancelled || log.state.watermark > cursor.position { return true }
                    log.addWaiter(continuation, ticket: ticket)
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        } onCancel: {
            log.withLock { $0.takeWaiter(ticket) }?.resume()
        }
        if Task.isCancelled { throw .cancelled }
    }
}

typealias Waiter = CheckedContinuation<Void, Never>
