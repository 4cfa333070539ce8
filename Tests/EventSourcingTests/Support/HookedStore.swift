import EventSourcing

/// A store whose calls can be tampered with.
struct HookedStore: EventStore {
    typealias Appends = [StreamAppend]

    var base: any EventStore = InMemoryEventStore()
    var append: @Sendable (any EventStore, Appends, AppendID?) async throws(EventStoreError) -> [AppendResult] = {
        (base, appends, id) async throws(EventStoreError) in try await base.append(appends, id: id)
    }
    var streamPage: @Sendable (StreamPage) -> StreamPage = { $0 }
    var streamQuery: @Sendable (StreamVersion?, ReadDirection, Int) -> (StreamVersion?, ReadDirection, Int) = {
        ($0, $1, $2)
    }
    var logPage: @Sendable (LogPage) -> LogPage = { $0 }
    var logQuery: @Sendable (LogCursor, Int) -> (LogCursor, Int) = { ($0, $1) }
    var wait: @Sendable (any EventStore, LogCursor) async throws(EventStoreError) -> Void = {
        (base, cursor) async throws(EventStoreError) in try await base.waitForEvents(after: cursor)
    }

    func append(_ appends: [StreamAppend], id: AppendID?) async throws(EventStoreError) -> [AppendResult] {
        try await append(base, appends, id)
    }

    func readPage(
        of stream: StreamID, from: StreamVersion?, _ direction: ReadDirection, limit: Int
    ) async throws(EventStoreError) -> StreamPage {
        let (from, direction, limit) = streamQuery(from, direction, limit)
        return streamPage(try await base.readPage(of: stream, from: from, direction, limit: limit))
    }

    func readLogPage(after cursor: LogCursor, limit: Int) async throws(EventStoreError) -> LogPage {
        let (cursor, limit) = logQuery(cursor, limit)
        return logPage(try await base.readLogPage(after: cursor, limit: limit))
    }

    func logState() async throws(EventStoreError) -> LogState { try await base.logState() }

    func waitForEvents(after cursor: LogCursor) async throws(EventStoreError) { try await wait(base, cursor) }
}
