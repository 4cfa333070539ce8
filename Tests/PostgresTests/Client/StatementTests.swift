import Postgres
import Testing

@Suite
struct StatementTests {
    @Test func `values go in and rows come out`() async throws {
        try await TestServer.withClient { client in
            let rows = try await client.query("select \(7 as Int64) + 1, \("x" as String) || 'y'")
            let (number, text) = try rows.one().decode(Int64.self, String.self)
            #expect(number == 8)
            #expect(text == "xy")
        }
    }

    @Test func `execute says how many rows it touched`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int)")
            #expect(try await client.execute("insert into t select generate_series(1, 5)") == 5)
        }
    }

    @Test func `a statement repeated many times goes on working once it is prepared`() async throws {
        try await TestServer.withClient { client in
            for n in 0..<10 as Range<Int64> {
                let got = try await client.number("select \(n)")
                #expect(got == n)
            }
        }
    }

    @Test func `two hundred callers each get their own answer`() async throws {
        try await TestServer.withClient { client in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for n in 0..<200 as Range<Int64> {
                    group.addTask {
                        for _ in 0..<20 {
                            let got = try await client.number("select \(n)")
                            if got != n { return false }
                        }
                        return true
                    }
                }
                for try await right in group { #expect(right) }
            }
        }
    }

    /// In the pipeline the statement's result comes before its commit, which can still fail.
    @Test func `a statement whose commit fails is an error`() async throws {
        try await TestServer.withClient({ $0.sharedConnections = 1 }) { client in
            try await client.simpleScript(
                """
                create table parent (id int8 primary key);
                create table child (id int8 references parent deferrable initially deferred)
                """)
            let error = await #expect(throws: PostgresError.self) {
                try await client.execute("insert into child values (1)")
            }
            #expect(error?.sqlState == .foreignKeyViolation)
            let rows = try await client.number("select count(*) from child")
            #expect(rows == 0)
        }
    }

    @Test func `a failing statement does not touch the others on its connection`() async throws {
        try await TestServer.withClient({ $0.sharedConnections = 1 }) { client in
            try await client.execute("create table t (a int primary key)")
            await withTaskGroup(of: Bool.self) { group in
                for n in 0..<100 as Range<Int64> {
                    group.addTask {
                        do {
                            if n % 2 == 0 {
                                try await client.execute("insert into t values (\(n))")
                                return true
                            }
                            try await client.query("select 1 / \(0 as Int64)")
                            return false
                        } catch {
                            return n % 2 == 1 && (error as? PostgresError)?.sqlState == "22012"
                        }
                    }
                }
                for await right in group { #expect(right) }
            }
            #expect(try await client.number("select count(*) from t") == 50)
        }
    }
}
