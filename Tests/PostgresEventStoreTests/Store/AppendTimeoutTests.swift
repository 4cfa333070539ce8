import EmbeddedPostgres
import EventSourcing
import PostgresEventStore
import SkaldTesting
import Testing

/// `appendTimeout` is how long a caller waits, whatever the server does.
@Suite struct AppendTimeoutTests {
    /// A loaded machine's share on top; still far below what a statement may take by default.
    private static let patience = Duration.seconds(7)

    private struct Answer: Sendable {
        let error: EventStoreError?
        let took: Duration
    }

    private static func append(to stream: String, _ store: PostgresEventStore) async -> Answer {
        let begun = ContinuousClock.now
        do {
            try await store.appendOne(to: stream)
            return Answer(error: nil, took: begun.duration(to: .now))
        } catch {
            return Answer(error: error as? EventStoreError, took: begun.duration(to: .now))
        }
    }

    private static func whilePaused<R>(_ server: EmbeddedPostgres, _ body: () async throws -> R) async throws -> R {
        try await server.pause()
        do {
            let result = try await body()
            try await server.resume()
            return result
        } catch {
            try await server.resume()
            throw error
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `callers of a server that does not answer are told in time, those that are sent and those that wait`()
        async throws
    {
        try await EmbeddedPostgres.with { server in
            try await withTestDatabase(.skald, on: server) { database in
                var configuration = PostgresEventStore.Configuration()
                configuration.appendTimeout = .seconds(2)
                configuration.concurrentGroups = 1
                try await database.withStore(configuration: configuration) { store in
                    try await store.appendOne(to: "warm-1")
                    let answers = try await Self.whilePaused(server) {
                        await withTaskGroup(of: Answer.self, returning: [Answer].self) { group in
                            for number in 0..<20 {
                                group.addTask { await Self.append(to: "paused-\(number % 7)", store) }
                            }
                            return await group.reduce(into: []) { $0.append($1) }
                        }
                    }
                    for answer in answers {
                        #expect(answer.took < Self.patience)
                        #expect(answer.error?.code == .outcomeUnknown || answer.error?.code == .timedOut)
                    }
                    #expect(answers.contains { $0.error?.code == .outcomeUnknown }, "one was sent")
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `an append that waits for its stream is answered in time when the server stops answering`() async throws {
        try await EmbeddedPostgres.with { server in
            try await withTestDatabase(.skald, on: server) { database in
                var configuration = PostgresEventStore.Configuration()
                configuration.appendTimeout = .seconds(3)
                try await database.withStore(configuration: configuration) { store in
                    try await store.appendOne(to: "held-1")
                    try await withThrowingTaskGroup(of: Answer.self) { group in
                        try await database.holding("select from skald.streams where name = 'held-1' for update") {
                            group.addTask { await Self.append(to: "held-1", store) }
                            try await eventually("it waits for its stream") { try await database.someoneWaits() }
                            try await Self.whilePaused(server) {
                                let answer = try #require(try await group.next())
                                #expect(answer.took < .seconds(3) + Self.patience)
                                #expect(answer.error?.code == .outcomeUnknown || answer.error?.code == .timedOut)
                            }
                        }
                    }
                }
            }
        }
    }
}
