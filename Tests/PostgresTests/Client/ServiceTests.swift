import Logging
import Postgres
import ServiceLifecycle
import Testing

@Suite
struct ServiceTests {
    @Test func `in a service group others can wait until it is ready, and a shutdown ends it`() async throws {
        let client = PostgresClient(.init(connectionString: try await TestServer.database()), logger: TestServer.logger)
        let (numbers, report) = AsyncStream<Int64>.makeStream()
        let group = ServiceGroup(
            services: [client, User(client: client, report: report)], logger: TestServer.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = numbers.makeAsyncIterator()
            #expect(await iterator.next() == 7)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        let error = await #expect(throws: PostgresError.self) { try await client.query("select 1") }
        #expect(error?.code == .closed)
    }

    /// A service that begins side by side with the client it uses.
    struct User: Service {
        let client: PostgresClient
        let report: AsyncStream<Int64>.Continuation

        func run() async throws {
            try await client.ready()
            report.yield(try await client.number("select 7::int8"))
            try await gracefulShutdown()
        }
    }

    @Test func `cancelling run ends everything at once`() async throws {
        let client = PostgresClient(.init(connectionString: try await TestServer.database()), logger: TestServer.logger)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await client.run() }
            tasks.addTask {
                try await client.ready()
                let error = await #expect(throws: PostgresError.self) { try await client.query("select pg_sleep(60)") }
                #expect(error?.outcome == .unknown)
            }
            try await client.ready()
            let isRunning = try await eventually {
                // Not on a shared connection, where it might wait behind the other statement.
                try await client.withConnection { connection in
                    try await connection.number(
                        "select count(*) from pg_stat_activity where query like '%pg_sleep(60)' and state = 'active'")
                } == 1
            }
            #expect(isRunning)
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
        #expect(ContinuousClock.now - start < .seconds(55))
    }

    @Test func `waiting for a client that never runs ends with the task`() async throws {
        let client = PostgresClient(.init(connectionString: "host=/nowhere"), logger: TestServer.logger)
        let task = Task { try await client.ready() }
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test func `running it twice is a programmer's error`() async throws {
        await #expect(processExitsWith: .failure) {
            let client = PostgresClient(
                .init(connectionString: "host=/nowhere"), logger: Logger(label: "test"))
            async let first: Void = client.run()
            try await client.run()
            try await first
        }
    }
}
