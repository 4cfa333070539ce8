import Postgres
import Testing

@Suite
struct CancellationTests {
    func isRunning(_ text: String, _ client: PostgresClient) async throws -> Bool {
        try await client.number(
            "select count(*) from pg_stat_activity where state = 'active' and query = \(text) and pid <> pg_backend_pid()"
        ) > 0
    }

    @Test func `on a shared connection the caller leaves at once and nobody else is touched`() async throws {
        try await TestServer.withClient({ $0.sharedConnections = 1 }) { client in
            try await client.ready()
            try await withThrowingTaskGroup(of: PostgresError?.self) { group in
                group.addTask {
                    do throws(PostgresError) {
                        try await client.query("select pg_sleep(300)")
                        return nil
                    } catch {
                        return error
                    }
                }
                let isThere = try await eventually {
                    try await client.withConnection { connection in
                        try await connection.number(
                            "select count(*) from pg_stat_activity where query = 'select pg_sleep(300)' and state = 'active'"
                        ) == 1
                    }
                }
                #expect(isThere)
                group.cancelAll()
                let error = try await group.next() ?? nil
                #expect(error?.code == .cancelled)
                #expect(error?.outcome == .unknown)
            }
            // The server goes on with the abandoned statement, and the next caller's waits behind it: here somebody ends it.
            try await client.withConnection { connection in
                try await connection.query(
                    "select pg_cancel_backend(pid) from pg_stat_activity where query = 'select pg_sleep(300)' and datname = current_database()"
                )
            }
            #expect(try await client.number("select 42::int8") == 42)
        }
    }

    @Test func `on an exclusive connection a deadline cancels the statement, and the connection goes on`() async throws
    {
        try await TestServer.withClient { client in
            try await client.withConnection { connection in
                let pid = connection.backendPID
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.query("select pg_sleep(60)", deadline: .milliseconds(100))
                }
                #expect(error?.code == .deadlineExceeded)
                #expect(error?.outcome == .retriable)
                let now = try await connection.query("select pg_backend_pid()").one().decode(Int32.self)
                #expect(now == pid)
            }
        }
    }

    @Test func `a cancelled task's statement is cancelled on the server before the call returns`() async throws {
        try await TestServer.withClient { client in
            let task = Task {
                try await client.withConnection { try await $0.query("select pg_sleep(61)") }
            }
            #expect(try await eventually { try await isRunning("select pg_sleep(61)", client) })
            task.cancel()
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(error?.outcome == .failed)
            let isStillRunning = try await isRunning("select pg_sleep(61)", client)
            #expect(!isStillRunning)
        }
    }

    @Test func `a task that is cancelled already sends nothing`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int)")
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await client.execute("insert into t values (1)")
            }
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(error?.outcome == .retriable)
            let rows = try await client.number("select count(*) from t")
            #expect(rows == 0)
        }
    }

    @Test func `a cancelled transaction is rolled back`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int)")
            let task = Task {
                try await client.withTransaction { tx in
                    try await tx.execute("insert into t values (1)")
                    try await tx.query("select pg_sleep(62)")
                }
            }
            #expect(try await eventually { try await isRunning("select pg_sleep(62)", client) })
            task.cancel()
            await #expect(throws: PostgresError.self) { try await task.value }
            let rows = try await client.number("select count(*) from t")
            #expect(rows == 0)
            let open = try await client.number(
                "select count(*) from pg_stat_activity where state like 'idle in%' and datname = current_database()")
            #expect(open == 0)
        }
    }

    @Test func `a statement on a shared connection that is being replaced can be given up, too`() async throws {
        try await TestServer.withClient({
            $0.sharedConnections = 1
            $0.maximumConnectionAge = .milliseconds(300)
        }) { client in
            try await client.ready()
            let start = ContinuousClock.now
            let task = Task { try await client.query("select pg_sleep(20), pg_backend_pid()") }
            // Three times as old as it may get: it takes no more work, though its statement runs.
            let isBeingReplaced = try await eventually {
                try await client.withConnection { connection in
                    try await connection.number(
                        """
                        select count(*) from pg_stat_activity where query like '%pg_sleep(20)%' and pid <> pg_backend_pid()
                           and state = 'active' and backend_start < clock_timestamp() - interval '1 second'
                        """) == 1
                }
            }
            #expect(isBeingReplaced)
            task.cancel()
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(ContinuousClock.now - start < .seconds(15))
        }
    }

    @Test func `a task that is cancelled already begins no COPY`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int)")
            let task = Task {
                try await client.withConnection { connection in
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await connection.copyIn("copy t from stdin") { _ in Issue.record("the COPY was begun") }
                }
            }
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(error?.outcome == .retriable)
        }
    }
}
