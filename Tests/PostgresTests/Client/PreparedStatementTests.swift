import Postgres
import Testing

@Suite
struct PreparedStatementTests {
    @Test func `a statement is prepared again when the server has forgotten it`() async throws {
        try await TestServer.withClient({ $0.sharedConnections = 1 }) { client in
            for n in 0..<3 as Range<Int64> { #expect(try await client.number("select \(n)") == n) }
            try await client.query("deallocate all")
            #expect(try await client.number("select \(3 as Int64)") == 3)
        }
    }

    @Test func `a statement is prepared again when its table has changed`() async throws {
        try await TestServer.withClient({ $0.sharedConnections = 1 }) { client in
            try await client.simpleScript("create table t (a int8); insert into t values (1)")
            for _ in 0..<3 { #expect(try await client.query("select * from t").one().count == 1) }
            try await client.execute("alter table t add column b int8")
            #expect(try await client.query("select * from t").one().count == 2)
        }
    }

    @Test func `inside a transaction the transaction is run again`() async throws {
        try await TestServer.withClient({ $0.maximumExclusiveConnections = 1 }) { client in
            try await client.simpleScript("create table t (a int8); insert into t values (1)")
            var columns: [Int] = []
            for round in 0..<4 {
                if round == 3 { try await client.execute("alter table t add column b int8") }
                try await client.withTransaction(maximumAttempts: 2) { tx in
                    columns.append(try await tx.query("select * from t").one().count)
                }
            }
            #expect(columns == [1, 1, 1, 2])
        }
    }

    @Test func `no more statements are kept than the limit says`() async throws {
        try await TestServer.withClient({
            $0.maximumExclusiveConnections = 1
            $0.preparedStatements = 5
        }) { client in
            for n in 0..<20 {
                try await client.withConnection { connection in
                    for _ in 0..<2 { try await connection.query(SQL(unescaped: "select \(n)")) }
                }
            }
            try await client.withConnection { connection in
                let count = try await connection.number("select count(*) from pg_prepared_statements")
                #expect(count <= 6)
            }
        }
    }

    @Test func `a change of tables is noticed by none of the callers who share a connection`() async throws {
        try await TestServer.withClient({ $0.sharedConnections = 1 }) { client in
            try await client.simpleScript("create table t (a int8); insert into t values (1)")
            for _ in 0..<3 { try await client.query("select * from t") }
            for round in 1...5 {
                try await client.withConnection {
                    try await $0.execute(SQL(unescaped: "alter table t add c\(round) int8"))
                }
                let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<50 { group.addTask { try await client.query("select * from t").one().count } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(counts == Array(repeating: round + 1, count: 50))
            }
        }
    }

    @Test func `everybody who shares a connection hears what is wrong with a statement, and nothing is left behind`()
        async throws
    {
        try await TestServer.withClient({ $0.sharedConnections = 1 }) { client in
            for _ in 0..<2 { try await client.query("select 'kept'") }
            let states = await withTaskGroup(of: SQLState?.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        do throws(PostgresError) {
                            try await client.query("select * from nowhere")
                            return nil
                        } catch {
                            return error.sqlState
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(states == Array(repeating: .undefinedTable, count: 50))
            for _ in 0..<2 { try await client.query("select 'kept'") }
            let kept = "select count(*) from pg_prepared_statements where statement like '%kept%'"
            #expect(try await client.number(SQL(unescaped: kept)) == 1)
        }
    }
}
