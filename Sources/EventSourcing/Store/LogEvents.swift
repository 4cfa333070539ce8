/// The events of the log up to the watermark, read page by page. Made by `EventStore.readAll`.
public struct LogEvents: AsyncSequence, Sendable {
    /// Stored events, not yet decoded.
    public typealias Element = RecordedEvent
    /// What reading throws.
    public typealias Failure = EventStoreError

    let store: any EventStore
    let cursor: LogCursor
    let limit: Int
    let pageSize: Int

    /// Begins reading.
    public func makeAsyncIterator() -> Iterator { Iterator(sequence: self) }

    /// Reads one event after the other.
    public struct Iterator: AsyncIteratorProtocol {
        private let sequence: LogEvents
        private var cursor: LogCursor
        private var remaining: Int
        private var page: ArraySlice<RecordedEvent> = []
        private var ended = false

        init(sequence: LogEvents) {
            self.sequence = sequence
            cursor = sequence.cursor
            remaining = sequence.limit
        }

        /// The next event, or nil after the last one below the watermark.
        ///
        /// - Throws: what `EventStore.readLogPage` throws.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(EventStoreError)
            -> RecordedEvent?
        {
            while page.isEmpty, !ended, remaining > 0 {
                let next = try await sequence.store.readLogPage(
                    after: cursor, limit: Swift.min(remaining, sequence.pageSize))
                page = next.events[...]
                remaining -= page.count
                cursor = next.cursor
                ended = next.isLast
            }
            return page.popFirst()
        }
    }
}
