import Postgres
import Testing

@Suite
struct StreamTests {
    @Test func `rows come one by one and in order`() async throws {
        try await TestServer.withClient { client in
            try await client.withConnection { connection in
                var next: Int64 = 1
                for try await row in try await connection.stream("select n from generate_series(1, 10000::int8) n") {
                    let got = try row.decode(Int64.self)
                    #expect(got == next)
                    next += 1
                }
                #expect(next == 10001)
                let number = try await connection.number("select 1::int8")
                #expect(number == 1)
            }
        }
    }

    @Test func `an error in the middle of the rows is thrown after the rows before it`() async throws {
        try await TestServer.withClient { client in
            try await client.withConnection { connection in
                var count = 0
                let error = await #expect(throws: PostgresError.self) {
                    for try await _ in try await connection.stream(
                        "select 1 / (500 - n) from generate_series(1, 1000) n")
                    {
                        count += 1
                    }
                }
                #expect(error?.sqlState == "22012")
                #expect(count == 499)
                let number = try await connection.number("select 1::int8")
                #expect(number == 1)
            }
        }
    }

    @Test func `leaving early outside of a transaction cancels the statement`() async throws {
        try await TestServer.withClient { client in
            try await client.withConnection { connection in
                // Read to its end this would take for ever. (In FROM the server would collect the series first.)
                for try await _ in try await connection.stream("select generate_series(1, 1000000000000)") {
                    break
                }
                let number = try await connection.number("select 1::int8")
                #expect(number == 1)
            }
        }
    }

    @Test func `leaving early inside a transaction leaves it intact`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int)")
            try await client.withTransaction { tx in
                try await tx.execute("insert into t values (1)")
                for try await _ in try await tx.stream("select n from generate_series(1, 100000) n") {
                    break
                }
                try await tx.execute("insert into t values (2)")
            }
            #expect(try await client.number("select count(*) from t") == 2)
        }
    }

    @Test func `another statement while rows are coming is refused`() async throws {
        try await TestServer.withClient { client in
            try await client.withConnection { connection in
                for try await _ in try await connection.stream("select n from generate_series(1, 100000) n") {
                    let error = await #expect(throws: PostgresError.self) { try await connection.query("select 1") }
                    #expect(error?.code == .unsupported)
                    break
                }
            }
        }
    }
}
