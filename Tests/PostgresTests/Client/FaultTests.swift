import EmbeddedPostgres
import Postgres
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The backend is ended in every state that a connection can be in; the callers learn what is known, and the next ones
/// are served.
@Suite
struct FaultTests {
    /// Ends a backend as an administrator would, from another client.
    func terminate(_ pid: Int32, _ other: PostgresClient) async throws {
        try await other.query("select pg_terminate_backend(\(pid))")
    }

    /// Waits until the backend runs a statement like this.
    func waitFor(_ pid: Int32, toRun text: String, _ other: PostgresClient) async throws {
        let isThere = try await eventually {
            try await other.number(
                "select count(*) from pg_stat_activity where pid = \(pid) and state = 'active' and query like \(text)")
                == 1
        }
        #expect(isThere, "the backend never ran \(text)")
    }

    func withTwoClients(
        _ body: (_ client: PostgresClient, _ other: PostgresClient) async throws -> Void
    ) async throws {
        let database = try await TestServer.database()
        let configuration = PostgresClient.Configuration(connectionString: database)
        try await PostgresClient.with(configuration, logger: TestServer.logger) { other in
            var configuration = configuration
            configuration.sharedConnections = 1
            configuration.maximumExclusiveConnections = 1
            try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
                try await body(client, other)
            }
        }
    }

    @Test func `idle: the next statement finds a new connection`() async throws {
        try await withTwoClients { client, other in
            let pid = try await client.query("select pg_backend_pid()").one().decode(Int32.self)
            let exclusive = try await client.withConnection { $0.backendPID }
            try await terminate(pid, other)
            try await terminate(exclusive, other)
            // Which of the two notices it first cannot be known; nothing was sent on the dead connection in either case.
            let recovers = await eventually {
                let shared = try? await client.query("select pg_backend_pid()").one().decode(Int32.self)
                let own = try? await client.withConnection { $0.backendPID }
                return shared != nil && shared != pid && own != nil && own != exclusive
            }
            #expect(recovers)
        }
    }

    @Test func `in a statement: the outcome is unknown`() async throws {
        try await withTwoClients { client, other in
            let error = await #expect(throws: PostgresError.self) {
                try await client.withConnection { connection in
                    let pid = connection.backendPID
                    async let ended: Void = {
                        try await waitFor(pid, toRun: "%pg_sleep%", other)
                        try await terminate(pid, other)
                    }()
                    try await connection.query("select pg_sleep(20)")
                    try await ended
                }
            }
            #expect(error?.code == .outcomeUnknown)
            #expect(error?.outcome == .unknown)
            #expect((error?.underlying as? PostgresError)?.sqlState == .adminShutdown, "\(String(reflecting: error))")
            let number = try await client.withConnection { try await $0.number("select 1::int8") }
            #expect(number == 1)
        }
    }

    @Test func `in a pipeline: every statement in flight is unknown and the next one is served`() async throws {
        try await withTwoClients { client, other in
            let pid = try await client.query("select pg_backend_pid()").one().decode(Int32.self)
            let outcomes = try await withThrowingTaskGroup(of: PostgresError.Outcome?.self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        do throws(PostgresError) {
                            try await client.query("select pg_sleep(20)")
                            return nil
                        } catch {
                            return error.outcome
                        }
                    }
                }
                try await waitFor(pid, toRun: "%pg_sleep%", other)
                try await terminate(pid, other)
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes == Array(repeating: .unknown, count: 5))
            #expect(try await client.number("select 1::int8") == 1)
        }
    }

    @Test func `in a transaction: nothing was committed, and another attempt succeeds`() async throws {
        try await withTwoClients { client, other in
            try await client.execute("create table t (a int)")
            var attempts = 0
            try await client.withTransaction(maximumAttempts: 2) { tx in
                attempts += 1
                try await tx.execute("insert into t values (1)")
                if attempts == 1 { try await terminate(tx.backendPID, other) }
                try await tx.execute("insert into t values (2)")
            }
            #expect(attempts == 2)
            #expect(try await client.number("select count(*) from t") == 2)
        }
    }

    /// ES2 rests on this: what may have been committed is never reported as failed, and never repeated.
    @Test func `between a commit and its answer: the outcome is unknown and it is not repeated`() async throws {
        try await withTwoClients { client, other in
            try await client.simpleScript(
                """
                create table t (a int);
                create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return null; end $$;
                create constraint trigger slow after insert on t deferrable initially deferred
                    for each row execute function slow();
                """)
            var attempts = 0
            let error = await #expect(throws: PostgresError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let pids = AsyncStream<Int32>.makeStream()
                    group.addTask {
                        for await pid in pids.stream {
                            try await waitFor(pid, toRun: "commit", other)
                            try await terminate(pid, other)
                        }
                    }
                    defer { pids.continuation.finish() }
                    try await client.withTransaction(maximumAttempts: 5) { tx in
                        attempts += 1
                        try await tx.execute("insert into t values (1)")
                        pids.continuation.yield(tx.backendPID)
                    }
                }
            }
            #expect(error?.outcome == .unknown)
            #expect(attempts == 1)
        }
    }

    @Test func `in a COPY: the writer hears of it, and nothing was copied`() async throws {
        try await withTwoClients { client, other in
            try await client.execute("create table t (a int)")
            let error = await #expect(throws: PostgresError.self) {
                try await client.withConnection { connection in
                    let pid = connection.backendPID
                    try await connection.copyIn("copy t from stdin") { writer in
                        try await writer.write("1\n")
                        try await terminate(pid, other)
                        for _ in 0..<100_000 { try await writer.write("2\n") }
                    }
                }
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.outcome == .retriable)
            #expect(try await client.number("select count(*) from t") == 0)
        }
    }

    @Test func `kill -9 of a backend: all sessions end with it, and the client comes back`() async throws {
        try await EmbeddedPostgres.with { server in
            let configuration = PostgresClient.Configuration(connectionString: server.connectionString())
            try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
                let error = await #expect(throws: PostgresError.self) {
                    try await client.withConnection { connection in
                        let pid = connection.backendPID
                        async let killed: Void = {
                            try await waitFor(pid, toRun: "%pg_sleep%", client)
                            kill(pid, SIGKILL)
                        }()
                        try await connection.query("select pg_sleep(20)")
                        try await killed
                    }
                }
                #expect(error?.outcome == .unknown)
                #expect(await eventually { (try? await client.number("select 1::int8")) == 1 })
            }
        }
    }

    @Test func `a server that restarts is found again, by listeners too`() async throws {
        try await EmbeddedPostgres.with { server in
            let configuration = PostgresClient.Configuration(connectionString: server.connectionString())
            try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
                var heard = client.listen(on: ["news"]).makeAsyncIterator()
                #expect(try await heard.next() == .resubscribed)
                try await server.restart()
                #expect(await eventually { (try? await client.number("select 1::int8")) == 1 })
                #expect(try await heard.next() == .resubscribed)
                try await client.query("notify news, 'after'")
                guard case .notified("news", "after", _) = try await heard.next() else {
                    Issue.record("the notification was not heard")
                    return
                }
            }
        }
    }

    @Test func `a server that stands still is not waited for longer than the deadline`() async throws {
        try await EmbeddedPostgres.with { server in
            var configuration = PostgresClient.Configuration(connectionString: server.connectionString())
            configuration.cancelDeadline = .milliseconds(200)
            try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
                try await client.ready()
                try await client.withConnection { connection in
                    try await server.pause()
                    let start = ContinuousClock.now
                    let shared = await #expect(throws: PostgresError.self) {
                        try await client.query("select 1", deadline: .milliseconds(100))
                    }
                    #expect(shared?.code == .deadlineExceeded && shared?.outcome == .unknown)
                    let own = await #expect(throws: PostgresError.self) {
                        try await connection.query("select 1", deadline: .milliseconds(100))
                    }
                    #expect(own?.outcome == .unknown)
                    #expect(ContinuousClock.now - start < .seconds(20), "less than statementDeadline")
                    try await server.resume()
                }
                #expect(await eventually { (try? await client.number("select 1::int8")) == 1 })
            }
        }
    }

    /// A table whose COPY takes long after all of its data is there.
    func makeSlowTable(_ client: PostgresClient) async throws {
        try await client.simpleScript(
            """
            create table t (a int);
            create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return null; end $$;
            create trigger slow after insert on t for each statement execute function slow();
            """)
    }

    @Test(arguments: [true, false])
    func `after the end of a COPY was sent: unknown, but in a transaction nothing was copied`(
        _ isInTransaction: Bool
    ) async throws {
        try await withTwoClients { client, other in
            try await makeSlowTable(client)
            let error = await #expect(throws: PostgresError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let pids = AsyncStream<Int32>.makeStream()
                    group.addTask {
                        for await pid in pids.stream {
                            let sleeps =
                                "select count(*) from pg_stat_activity where pid = \(pid) and wait_event = 'PgSleep'"
                            let isThere = try await eventually { try await other.number(SQL(unescaped: sleeps)) == 1 }
                            #expect(isThere)
                            try await terminate(pid, other)
                        }
                    }
                    defer { pids.continuation.finish() }
                    let write = { (writer: CopyWriter) in try await writer.write("1\n") }
                    if isInTransaction {
                        try await client.withTransaction { tx in
                            pids.continuation.yield(tx.backendPID)
                            try await tx.copyIn("copy t from stdin", write)
                        }
                    } else {
                        try await client.withConnection { connection in
                            pids.continuation.yield(connection.backendPID)
                            try await connection.copyIn("copy t from stdin", write)
                        }
                    }
                }
            }
            #expect(error?.outcome == (isInTransaction ? .retriable : .unknown))
            #expect(try await client.number("select count(*) from t") == 0)
        }
    }

    @Test func `in the middle of a COPY out: the reader hears of it`() async throws {
        try await withTwoClients { client, other in
            let error = await #expect(throws: PostgresError.self) {
                try await client.withConnection { connection in
                    let pid = connection.backendPID
                    let data = try await connection.copyOut(
                        "copy (select repeat('x', 1000) from generate_series(1, 100000)) to stdout")
                    var count = 0
                    for try await _ in data {
                        count += 1
                        if count == 1 { try await terminate(pid, other) }
                    }
                    Issue.record("the data came to its end after \(count) rows")
                }
            }
            #expect(error?.outcome == .unknown, "\(String(reflecting: error))")
            let number = try await client.number("select 1::int8")
            #expect(number == 1)
        }
    }
}
