extension EventStore {
    /// Appends encoded events to one stream: all or none.
    ///
    /// - Throws: what `append(_:id:)` throws.
    @discardableResult
    public func append(
        _ events: [NewEvent], to stream: StreamID, expecting expected: ExpectedVersion, id: AppendID? = nil
    ) async throws(EventStoreError) -> AppendResult {
        try await append(StreamAppend(events, to: stream, expecting: expected), id: id)
    }

    /// Appends to several streams: all of it or nothing.
    ///
    /// - Throws: what `append(_:id:)` throws.
    @discardableResult
    public func append(_ appends: [StreamAppend]) async throws(EventStoreError) -> [AppendResult] {
        try await append(appends, id: nil)
    }

    /// Encodes events and appends them to one stream: all or none.
    ///
    /// ```swift
    /// try await store.append([SeatEvent.closed], to: "seat-A1", expecting: .version(7))
    /// ```
    ///
    /// - Throws: what `append(_:id:)` throws, and `encoding` if an event cannot be written as JSON.
    @discardableResult
    public func append<E: Event>(
        _ events: [E], to stream: StreamID, expecting expected: ExpectedVersion, id: AppendID? = nil,
        metadata: Metadata = Metadata(), coding: EventCoding = EventCoding()
    ) async throws(EventStoreError) -> AppendResult {
        let encoded = try coding.encode(events, metadata: metadata)
        return try await append(StreamAppend(encoded, to: stream, expecting: expected), id: id)
    }

    /// Appends to one stream.
    func append(_ append: StreamAppend, id: AppendID?) async throws(EventStoreError) -> AppendResult {
        let results = try await self.append([append], id: id)
        guard let result = results.first, results.count == 1 else {
            throw EventStoreError(
                .outcomeUnknown, "the store gave \(results.count) results for one stream, which no store may",
                details: EventStoreError.Details(stream: append.stream))
        }
        return result
    }
}
