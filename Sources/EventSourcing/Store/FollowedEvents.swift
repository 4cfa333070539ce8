/// The log from a cursor on and for ever: what is there, then what comes. Made by `EventStore.follow`.
public struct FollowedEvents: AsyncSequence, Sendable {
    /// Stored events, not yet decoded.
    public typealias Element = RecordedEvent
    /// What reading throws.
    public typealias Failure = EventStoreError

    let store: any EventStore
    let cursor: LogCursor
    let pageSize: Int

    /// Begins following.
    public func makeAsyncIterator() -> Iterator { Iterator(store: store, cursor: cursor, pageSize: pageSize) }

    /// Gives one event after the other and waits where there is none yet.
    ///
    /// There is no seam between catching up and going live, because both are the same: read a page after the cursor,
    /// and wait only if it was empty. An event that comes between the two ends the wait.
    public struct Iterator: AsyncIteratorProtocol {
        private let store: any EventStore
        private var cursor: LogCursor
        private let pageSize: Int
        private var page: ArraySlice<RecordedEvent> = []

        init(store: any EventStore, cursor: LogCursor, pageSize: Int) {
            self.store = store
            self.cursor = cursor
            self.pageSize = pageSize
        }

        /// The next event; nil once the task is cancelled.
        ///
        /// - Throws: what `EventStore.readLogPage` throws.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(EventStoreError)
            -> RecordedEvent?
        {
            while !Task.isCancelled {
                if let event = page.popFirst() { return event }
                do {
                    try await fetch()
                } catch {
                    guard error.code == .cancelled, Task.isCancelled else { throw error }
                }
            }
            return nil
        }

        private mutating func fetch() async throws(EventStoreError) {
            let next = try await store.readLogPage(after: cursor, limit: pageSize)
            page = next.events[...]
            cursor = next.cursor
            if page.isEmpty && next.isLast { try await store.waitForEvents(after: cursor) }
        }
    }
}
