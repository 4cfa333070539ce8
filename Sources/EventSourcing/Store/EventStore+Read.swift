extension EventStore {
    /// Reads a stream, page by page as it is consumed, so that memory stays bounded however long it is.
    ///
    /// Forwards it sees the events that were there when each page was read, so it ends at the last event then.
    ///
    /// - Parameters:
    ///   - from: The version to begin with; nil means the first event, or backwards the last.
    ///   - limit: The most events to read in all; nil means no limit.
    ///   - pageSize: How many events are fetched at once, 1 to 10,000.
    public func read(
        _ stream: StreamID, from: StreamVersion? = nil, _ direction: ReadDirection = .forwards, limit: Int? = nil,
        pageSize: Int = 500
    ) -> StreamEvents {
        StreamEvents(
            store: self, stream: stream, from: from, direction: direction, limit: limit ?? .max, pageSize: pageSize)
    }

    /// Reads the log in order of position, from after the cursor up to the watermark, and ends there.
    ///
    /// - Parameters:
    ///   - limit: The most events to read in all; nil means no limit.
    ///   - pageSize: How many events are fetched at once, 1 to 10,000.
    public func readAll(after cursor: LogCursor = .start, limit: Int? = nil, pageSize: Int = 500) -> LogEvents {
        LogEvents(store: self, cursor: cursor, limit: limit ?? .max, pageSize: pageSize)
    }

    /// Follows the log: everything after the cursor, then every event as it comes, without a seam and without an end.
    ///
    /// Nothing is fetched before it is asked for, so a slow reader holds up nobody and at most one page is in memory.
    /// The sequence ends when the task is cancelled, and throws if the store cannot be read; to go on after that,
    /// follow again from the last event's `cursor`.
    public func follow(after cursor: LogCursor = .start, pageSize: Int = 500) -> FollowedEvents {
        FollowedEvents(store: self, cursor: cursor, pageSize: pageSize)
    }
}
