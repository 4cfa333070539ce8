import EventSourcing
import Foundation
import Testing

/// One run of one check: the store, and names that nobody else uses.
struct Trial: Sendable {
    let store: any EventStore
    private let mark = UUID().uuidString.prefix(13).lowercased()

    /// How long a check waits for what must come by itself.
    private let patience: Duration

    init(store: any EventStore, patience: Duration) {
        self.store = store
        self.patience = patience
    }

    func stream(_ label: String) throws -> StreamID { try StreamID("conformance", "\(label)-\(mark)") }

    /// A numbered event.
    func event(_ number: Int, tags: [String] = [], id: EventID? = nil) throws -> NewEvent {
        try NewEvent(type: "conformance.numbered", json: "{\"number\":\(number)}", tags: tags, id: id)
    }

    func events(_ numbers: Range<Int>) throws -> [NewEvent] { try numbers.map { try event($0) } }

    /// The numbers in a stream, first to last.
    func numbers(in stream: StreamID) async throws -> [Int] {
        var numbers: [Int] = []
        for try await event in store.read(stream) { numbers.append(try Self.number(event)) }
        return numbers
    }

    static func number(_ event: RecordedEvent) throws -> Int {
        let data = try JSONDecoder().decode([String: Int].self, from: Data(event.data))
        return try #require(data["number"])
    }

    /// Where the log stands now, to read on from.
    func cursor() async throws -> LogCursor {
        let state = try await store.logState()
        return LogCursor(generation: state.generation, position: state.watermark)
    }

    /// Follows the log until so many events of the streams were seen.
    func follow(_ streams: Set<StreamID>, after cursor: LogCursor, count: Int) async throws -> [RecordedEvent] {
        try await withDeadline("\(count) events of \(streams.map(\.name).sorted()) to be delivered") {
            var seen: [RecordedEvent] = []
            for try await event in store.follow(after: cursor, pageSize: 7) where streams.contains(event.stream) {
                seen.append(event)
                if seen.count == count { break }
            }
            return seen
        }
    }

    /// Runs something that must end by itself, and gives up on it after the patience.
    func withDeadline<R: Sendable>(
        _ what: String, _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        try await withThrowingTaskGroup(of: R.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: patience)
                throw Overdue(what: what, patience: patience)
            }
            defer { group.cancelAll() }
            return try #require(try await group.next())
        }
    }

    struct Overdue: Error, CustomStringConvertible {
        let what: String
        let patience: Duration
        var description: String { "waited \(patience) in vain for \(what)" }
    }

    /// Expects an operation to fail with a code, and gives the error.
    @discardableResult
    func expectError(
        _ code: EventStoreError.Code, _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation,
        _ operation: () async throws -> Void
    ) async -> EventStoreError? {
        let error = await #expect(throws: EventStoreError.self, comment, sourceLocation: sourceLocation) {
            try await operation()
        }
        #expect(error?.code == code, comment, sourceLocation: sourceLocation)
        return error
    }
}
