/// The events of one stream, read page by page. Made by `EventStore.read`.
public struct StreamEvents: AsyncSequence, Sendable {
    /// Stored events, not yet decoded.
    public typealias Element = RecordedEvent
    /// What reading throws.
    public typealias Failure = EventStoreError

    let store: any EventStore
    let stream: StreamID
    let from: StreamVersion?
    let direction: ReadDirection
    let limit: Int
    let pageSize: Int

    /// Begins reading.
    public func makeAsyncIterator() -> Iterator { Iterator(sequence: self) }

    /// Reads one event after the other.
    public struct Iterator: AsyncIteratorProtocol {
        private let sequence: StreamEvents
        private var from: StreamVersion?
        private var remaining: Int
        private var page: ArraySlice<RecordedEvent> = []
        private var ended = false

        init(sequence: StreamEvents) {
            self.sequence = sequence
            from = sequence.from
            remaining = sequence.limit
        }

        /// The next event, or nil after the last.
        ///
        /// - Throws: what `EventStore.readPage` throws.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(EventStoreError)
            -> RecordedEvent?
        {
            if page.isEmpty { try await fetch() }
            return page.popFirst()
        }

        private mutating func fetch() async throws(EventStoreError) {
            guard !ended, remaining > 0 else { return }
            let next = try await sequence.store.readPage(
                of: sequence.stream, from: from, sequence.direction, limit: Swift.min(remaining, sequence.pageSize))
            page = next.events[...]
            remaining -= page.count
            guard !next.isLast, let last = page.last?.version else {
                ended = true
                return
            }
            switch sequence.direction {
            case .forwards: from = last.next
            case .backwards where last == .first: ended = true
            case .backwards: from = StreamVersion(last.rawValue - 1)
            }
        }
    }
}
