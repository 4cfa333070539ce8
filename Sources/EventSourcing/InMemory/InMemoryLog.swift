#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The log of the in-memory store: pure, without locks. Position p stands at index p - 1.
struct InMemoryLog {
    private var events: [RecordedEvent] = []
    private var streams: [StreamID: Stream] = [:]
    private var waiters: [UInt64: Waiter] = [:]
    private var tickets: UInt64 = 0

    private struct Stream {
        /// The index in the log of each version.
        var indices: [Int] = []
        /// What was appended under each id, and what came of it.
        var appends: [AppendID: (content: [Content], result: AppendResult)] = [:]

        var version: StreamVersion? { indices.isEmpty ? nil : StreamVersion(Int64(indices.count - 1)) }
    }

    /// What makes two appends the same: metadata and generated ids take no part.
    private struct Content: Equatable {
        let type: String
        let data: [UInt8]
        let tags: [String]
        let id: EventID?

        init(_ event: NewEvent) {
            type = event.type
            data = event.data
            tags = event.tags
            id = event.id
        }

        static func == (lhs: Content, rhs: Content) -> Bool {
            lhs.type == rhs.type && lhs.tags == rhs.tags && lhs.id == rhs.id
                && (lhs.data == rhs.data || sameJSON(lhs.data, rhs.data))
        }

        /// Numbers are compared by value, as the database does.
        private static func sameJSON(_ lhs: [UInt8], _ rhs: [UInt8]) -> Bool {
            guard let lhs = try? JSONText.parse(lhs), let rhs = try? JSONText.parse(rhs) else { return false }
            return lhs == rhs
        }
    }

    var state: LogState {
        let last = GlobalPosition(Int64(events.count))
        return LogState(generation: .first, head: last, watermark: last)
    }

    // MARK: Appending

    mutating func append(
        _ appends: [StreamAppend], id: AppendID?, at recordedAt: Date
    ) throws(EventStoreError) -> [AppendResult] {
        if let id, let results = try replay(appends, id: id) { return results }
        var conflicts: [VersionConflict] = []
        for append in appends {
            let actual = streams[append.stream]?.version
            if !append.expected.isMet(by: actual) {
                conflicts.append(VersionConflict(stream: append.stream, expected: append.expected, actual: actual))
            }
        }
        if !conflicts.isEmpty { throw .versionConflict(conflicts) }
        return appends.map { append($0, id: id, at: recordedAt) }
    }

    /// The results of an earlier append under this id, or nil if there was none. Asked before versions are compared: a
    /// retry expects what was true before the first attempt.
    private func replay(_ appends: [StreamAppend], id: AppendID) throws(EventStoreError) -> [AppendResult]? {
        var results: [AppendResult] = []
        for append in appends {
            guard let earlier = streams[append.stream]?.appends[id] else { continue }
            if earlier.content != append.events.map(Content.init) {
                throw .appendIDReused(id, stream: append.stream)
            }
            results.append(earlier.result)
        }
        if results.isEmpty { return nil }
        // Known in one stream and not in another: the first call named other streams.
        if results.count < appends.count { throw .appendIDReused(id, stream: results[0].stream) }
        return results
    }

    private mutating func append(_ append: StreamAppend, id: AppendID?, at recordedAt: Date) -> AppendResult {
        var stream = streams.removeValue(forKey: append.stream) ?? Stream()
        let firstVersion = stream.version?.next ?? .first
        for event in append.events {
            stream.indices.append(events.count)
            events.append(
                RecordedEvent(
                    position: GlobalPosition(Int64(events.count + 1)), stream: append.stream,
                    version: StreamVersion(Int64(stream.indices.count - 1)), type: event.type, data: event.data,
                    metadataJSON: event.metadataJSON, tags: event.tags, id: event.id ?? EventID(),
                    recordedAt: recordedAt))
        }
        func result(wasReplayed: Bool) -> AppendResult {
            AppendResult(
                stream: append.stream, firstVersion: firstVersion,
                lastVersion: StreamVersion(Int64(stream.indices.count - 1)),
                lastPosition: GlobalPosition(Int64(events.count)), wasReplayed: wasReplayed)
        }
        if let id { stream.appends[id] = (append.events.map(Content.init), result(wasReplayed: true)) }
        streams[append.stream] = stream
        return result(wasReplayed: false)
    }

    // MARK: Reading

    func page(of stream: StreamID, from: StreamVersion?, _ direction: ReadDirection, limit: Int) -> StreamPage {
        let indices = streams[stream]?.indices ?? []
        let last = indices.count - 1
        let versions: Range<Int>
        switch direction {
        case .forwards:
            let first = Int(min(max(from?.rawValue ?? 0, 0), Int64(indices.count)))
            versions = first..<min(first + limit, indices.count)
            return StreamPage(
                events: indices[versions].map { events[$0] }, isLast: versions.upperBound == indices.count)
        case .backwards:
            let end = Int(min(max(from?.rawValue ?? Int64(last), -1), Int64(last))) + 1
            versions = max(end - limit, 0)..<end
            return StreamPage(events: indices[versions].reversed().map { events[$0] }, isLast: versions.lowerBound == 0)
        }
    }

    func page(after cursor: LogCursor, limit: Int) throws(EventStoreError) -> LogPage {
        if cursor.generation != .first || cursor.position > state.watermark {
            throw .logRewound(cursor, now: .first)
        }
        let first = Int(cursor.position.rawValue)
        let end = min(first + limit, events.count)
        let position = GlobalPosition(Int64(end))
        return LogPage(
            events: Array(events[first..<end]), cursor: LogCursor(generation: .first, position: position),
            isLast: end == events.count)
    }

    // MARK: Waiting

    mutating func drawTicket() -> UInt64 {
        tickets += 1
        return tickets
    }

    mutating func addWaiter(_ waiter: Waiter, ticket: UInt64) { waiters[ticket] = waiter }

    mutating func takeWaiter(_ ticket: UInt64) -> Waiter? { waiters.removeValue(forKey: ticket) }

    mutating func takeWaiters() -> [Waiter] {
        defer { waiters.removeAll(keepingCapacity: true) }
        return Array(waiters.values)
    }
}
