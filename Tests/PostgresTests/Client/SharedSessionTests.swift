import Postgres
import Testing

/// What would change a session under those who share it is refused, and undone.
@Suite
struct SharedSessionTests {
    @Test(arguments: [
        "begin", "start transaction", "set work_mem = '77MB'", "listen news", "prepare mine as select 1",
        "declare mine cursor with hold for select 1",
    ])
    func `a statement that changes a shared session is refused, and the next one finds a clean session`(
        _ text: String
    ) async throws {
        try await TestServer.withClient({ $0.sharedConnections = 1 }) { client in
            let before = try await client.number("select pg_backend_pid()::int8")
            let error = await #expect(throws: PostgresError.self) { try await client.query(SQL(unescaped: text)) }
            #expect(error?.code == .unsupported)
            #expect(error?.outcome == .failed)
            #expect(error?.hint?.contains("withTransaction") == true)
            #expect(try await client.number("select pg_backend_pid()::int8") != before)
            #expect(try await client.query("show work_mem").one().decode(String.self) != "77MB")
        }
    }

    @Test func `no write that was acknowledged is lost to another caller's begin`() async throws {
        try await TestServer.withClient({ $0.sharedConnections = 1 }) { client in
            try await client.execute("create table t (a int8)")
            let acknowledged = await withTaskGroup(of: Int64?.self) { group in
                for number in 0..<200 as Range<Int64> {
                    group.addTask {
                        if number % 50 == 10 {
                            _ = try? await client.query("begin")
                            return nil
                        }
                        let rows = try? await client.execute("insert into t values (\(number))")
                        return rows == 1 ? number : nil
                    }
                }
                return await group.reduce(into: Set<Int64>()) { if let number = $1 { $0.insert(number) } }
            }
            // Asked in another session: this one might see what was never committed.
            let rows = try await client.withConnection { try await $0.query("select a from t").decode(Int64.self) }
            let stored = Set(rows)
            #expect(acknowledged.isSubset(of: stored), "lost: \(acknowledged.subtracting(stored).sorted())")
            #expect(!acknowledged.isEmpty)
        }
    }
}
