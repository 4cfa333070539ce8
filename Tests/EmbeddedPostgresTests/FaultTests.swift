import Testing

@testable import EmbeddedPostgres

// One after the other, here and in the other suites that start servers: a start is work for a whole core.
@Suite(.serialized) struct `Faults` {
    @Test func `what was acknowledged survives kill -9`() async throws {
        try await EmbeddedPostgres.with { server in
            _ = try await server.psql("create table kept (n int); insert into kept values (1)")
            let killed = server.processID
            try await server.kill()
            #expect(try !isRunning(killed))
            await #expect(throws: EmbeddedPostgresError.self) { try await server.psql("select 1") }
            try await server.start()
            #expect(server.processID != killed)
            #expect(try await server.psql("select n from kept") == "1")
        }
    }

    @Test func `kill leaves none of the server's processes, not even a busy one`() async throws {
        try await EmbeddedPostgres.with { server in
            // One that computes does not look whether its postmaster is still there, as one that waits does.
            async let busy = server.psql("do $$ begin loop end loop; end $$")
            let backend = try await backendPID(of: "end loop", on: server)
            try await server.kill()
            #expect(try !isRunning(backend))
            do {
                _ = try await busy
                Issue.record("the statement's connection must have been lost")
            } catch is EmbeddedPostgresError {}
        }
    }

    @Test func `a restart keeps the data and the connection string`() async throws {
        try await EmbeddedPostgres.with { server in
            _ = try await server.psql("create table kept as select 1 as n")
            let (before, string) = (server.processID, server.connectionString())
            try await server.restart()
            #expect(server.processID != before)
            #expect(server.connectionString() == string)
            #expect(try await server.psql("select n from kept") == "1")
        }
    }

    @Test func `a paused server does not answer until it is resumed`() async throws {
        try await EmbeddedPostgres.with { server in
            async let sleeper = server.psql("select pg_sleep(600)")
            let backend = try await backendPID(of: "pg_sleep", on: server)
            try await server.pause()
            #expect(try ProcessTable.areStopped([server.processID, backend]))
            // The kernel accepts the connection; nobody reads from it.
            let words = [
                "\(server.programFolder)/psql", server.connectionString() + " connect_timeout=2", "-c", "select",
            ]
            let error = #expect(throws: EmbeddedPostgresError.self) { try Command(words).run() }
            #expect(error?.message.contains("timeout expired") == true)
            try await server.resume()
            #expect(try await server.psql("select 1") == "1")
            let ended = try await server.psql("select pg_terminate_backend(\(backend), 10000)")
            #expect(ended == "t", "the backend hears again")
            do {
                _ = try await sleeper
                Issue.record("the statement's connection must have been lost")
            } catch is EmbeddedPostgresError {}
        }
    }

    @Test func `a paused server can be killed, restarted and stopped`() async throws {
        try await EmbeddedPostgres.with { server in
            try await server.pause()
            try await server.kill()
            try await server.start()
            try await server.pause()
            try await server.restart()
            #expect(try await server.psql("select 1") == "1")
            try await server.pause()
        }
    }

    @Test func `stop removes the folder, the processes and the shared memory`() async throws {
        let server = try await EmbeddedPostgres.start()
        let last = server.processID
        try await server.stop()
        #expect(!exists(server.runFolder))
        #expect(try !isRunning(last))
        #expect(try !segmentIsLeft(by: last))
        try await server.stop()
        await #expect(throws: EmbeddedPostgresError.self) { try await server.start() }
    }

    @Test func `stop after kill leaves nothing either`() async throws {
        let server = try await EmbeddedPostgres.start()
        let killed = server.processID
        try await server.kill()
        #expect(try segmentIsLeft(by: killed), "a killed postmaster cannot remove its segment")
        try await server.stop()
        #expect(try !segmentIsLeft(by: killed))
        #expect(!exists(server.runFolder))
    }

    private func backendPID(of statement: String, on server: EmbeddedPostgres) async throws -> Int32 {
        let query = """
            select pid from pg_stat_activity where query like '%\(statement)%' and pid <> pg_backend_pid() limit 1
            """
        var pid: Int32?
        _ = try await eventually {
            pid = Int32(try await server.psql(query))
            return pid != nil
        }
        return try #require(pid)
    }
}
