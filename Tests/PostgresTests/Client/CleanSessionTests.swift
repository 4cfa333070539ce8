import Postgres
import Testing

/// What a caller leaves in a session does not reach the next one.
@Suite
struct CleanSessionTests {
    @Test func `a setting made in a transaction does not reach the next one`() async throws {
        try await TestServer.withClient({ $0.maximumExclusiveConnections = 1 }) { client in
            try await client.withTransaction { tx in
                try await tx.execute("set work_mem = '77MB'")
                try await tx.execute("create temp table mine (a int)")
            }
            try await client.withTransaction { tx in
                #expect(try await tx.query("show work_mem").one().decode(String.self) != "77MB")
                let table = try await tx.query("select to_regclass('mine') is null")
                #expect(try table.one().decode(Bool.self))
            }
        }
    }

    @Test func `a session is clean when the next caller gets it`() async throws {
        try await TestServer.withClient({ $0.maximumExclusiveConnections = 1 }) { client in
            let first = try await client.withConnection { connection in
                try await connection.execute("set work_mem = '77MB'")
                try await connection.query("select pg_advisory_lock(7)")
                try await connection.execute("begin")
                try await connection.execute("create table left_open (a int)")
                return connection.backendPID
            }
            try await client.withConnection { connection in
                #expect(connection.backendPID == first)
                #expect(try await connection.query("show work_mem").one().decode(String.self) != "77MB")
                let locks = try await connection.query(
                    "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()")
                #expect(try locks.one().decode(Int64.self) == 0)
                let table = try await connection.query("select to_regclass('left_open') is null")
                #expect(try table.one().decode(Bool.self))
            }
        }
    }

    /// Ways to leave a setting behind; the server tells of the last three only that something was selected or done.
    private static let traces = [
        "set work_mem = '77MB'", "set session work_mem = '77MB'", "select set_config('work_mem', '77MB', false)",
        "do $$ begin set work_mem = '77MB'; end $$", "select leave_setting()",
    ]

    private static let function = """
        create function leave_setting() returns void language plpgsql as $$ begin set work_mem = '77MB'; end $$
        """

    private func expectCleanSession(_ client: PostgresClient, after first: Int32) async throws {
        try await client.withTransaction { tx in
            #expect(tx.backendPID == first)
            #expect(try await tx.query("show work_mem").one().decode(String.self) != "77MB")
            let locks = try await tx.query(
                "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()")
            #expect(try locks.one().decode(Int64.self) == 0)
        }
    }

    @Test(arguments: traces)
    func `what a transaction leaves behind is gone, however it came there`(_ trace: String) async throws {
        try await TestServer.withClient({ $0.maximumExclusiveConnections = 1 }) { client in
            try await client.execute(SQL(unescaped: Self.function))
            let first = try await client.withTransaction { tx in
                try await tx.execute(SQL(unescaped: trace))
                try await tx.query("select pg_advisory_lock(7)")
                return tx.backendPID
            }
            try await expectCleanSession(client, after: first)
        }
    }

    @Test(arguments: traces)
    func `what a batch or a script leaves behind is gone, too`(_ trace: String) async throws {
        try await TestServer.withClient({ $0.maximumExclusiveConnections = 1 }) { client in
            try await client.execute(SQL(unescaped: Self.function))
            let first = try await client.withConnection { $0.backendPID }
            try await client.batch([SQL(unescaped: trace), "select pg_advisory_lock(7)"])
            try await expectCleanSession(client, after: first)
            try await client.withTransaction { tx in
                try await tx.simpleScript("set local lock_timeout = 1000; \(trace)")
            }
            try await expectCleanSession(client, after: first)
        }
    }

    @Test func `a statement that a caller has prepared ends the session with the loan`() async throws {
        try await TestServer.withClient({ $0.maximumExclusiveConnections = 1 }) { client in
            for _ in 0..<2 {
                try await client.withTransaction { tx in
                    try await tx.execute("prepare mine as select 1")
                    try await tx.query("execute mine")
                }
            }
        }
    }
}
