import Postgres
import Testing

@Suite
struct TransactionTests {
    struct Refused: Error {}

    @Test func `a transaction commits when its closure returns`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int8)")
            let seen = try await client.withTransaction { tx in
                try await tx.execute("insert into t values (\(1 as Int64))")
                try await tx.execute("insert into t values (\(2 as Int64))")
                return try await tx.query("select count(*) from t").one().decode(Int64.self)
            }
            #expect(seen == 2)
            #expect(try await client.number("select count(*) from t") == 2)
        }
    }

    @Test func `a transaction rolls back when its closure throws`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int8)")
            await #expect(throws: Refused.self) {
                try await client.withTransaction { tx in
                    try await tx.execute("insert into t values (1)")
                    throw Refused()
                }
            }
            #expect(try await client.number("select count(*) from t") == 0)
        }
    }

    @Test func `a swallowed error is not taken for a commit`() async throws {
        try await TestServer.withClient { client in
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction { tx in
                    _ = try? await tx.query("select 1 / 0")
                }
            }
            #expect(error?.sqlState == .inFailedTransaction)
            #expect(error?.outcome == .failed)
        }
    }

    @Test func `a transaction that escaped its closure is refused`() async throws {
        try await TestServer.withClient { client in
            var escaped: PostgresTransaction?
            try await client.withTransaction { tx in
                try await tx.execute("select 1")
                escaped = tx
            }
            let error = await #expect(throws: PostgresError.self) { try await escaped?.query("select 1") }
            #expect(error?.code == .transactionEnded)
        }
    }

    @Test func `a script runs inside a transaction and outside of one`() async throws {
        try await TestServer.withClient { client in
            try await client.simpleScript("create table t (a int8); insert into t values (1); insert into t values (2)")
            await #expect(throws: Refused.self) {
                try await client.withTransaction { tx in
                    try await tx.simpleScript("insert into t values (3); insert into t values (4)")
                    throw Refused()
                }
            }
            #expect(try await client.number("select count(*) from t") == 2)
        }
    }

    @Test func `a savepoint undoes what failed, and the transaction goes on`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int8)")
            try await client.withTransaction { tx in
                try await tx.execute("insert into t values (1)")
                await #expect(throws: PostgresError.self) {
                    try await tx.savepoint { tx in
                        try await tx.execute("insert into t values (2)")
                        try await tx.query("select 1 / 0")
                    }
                }
                try await tx.savepoint { tx in _ = try await tx.execute("insert into t values (3)") }
            }
            let rows = try await client.query("select a from t order by a").decode(Int64.self)
            #expect(rows == [1, 3])
        }
    }

    @Test func `a serialization failure runs the transaction again, up to the limit`() async throws {
        try await TestServer.withClient { client in
            try await client.simpleScript("create table t (a int8); insert into t values (0)")
            var attempts = 0
            try await client.withTransaction(isolation: .repeatableRead, maximumAttempts: 2) { tx in
                attempts += 1
                let value = try await tx.query("select a from t").one().decode(Int64.self)
                if attempts == 1 { try await client.execute("update t set a = a + 10") }
                try await tx.execute("update t set a = \(value + 1)")
            }
            #expect(attempts == 2)
            #expect(try await client.number("select a from t") == 11)
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction(isolation: .repeatableRead) { tx in
                    try await tx.query("select a from t")
                    try await client.execute("update t set a = a + 10")
                    try await tx.execute("update t set a = 0")
                }
            }
            #expect(error?.sqlState == .serializationFailure)
            #expect(error?.outcome == .retriable)
        }
    }

    @Test func `a read-only transaction refuses writes`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int8)")
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction(readOnly: true) { tx in
                    try await tx.execute("insert into t values (1)")
                }
            }
            #expect(error?.sqlState == .readOnlyTransaction)
        }
    }

    @Test func `after a beginning that was never sent the next statement begins`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int8)")
            let task = Task {
                try await client.withTransaction { tx in
                    withUnsafeCurrentTask { $0?.cancel() }
                    let error = await #expect(throws: PostgresError.self) {
                        try await tx.execute("insert into t values (1)")
                    }
                    #expect(error?.outcome == .retriable)
                    // What still runs in a cancelled task is what does not notice it.
                    nonisolated(unsafe) let tx = tx
                    try await Task { _ = try await tx.execute("insert into t values (2)") }.value
                    throw Refused()
                }
            }
            await #expect(throws: Refused.self) { try await task.value }
            #expect(try await client.number("select count(*) from t") == 0)
        }
    }

    @Test(arguments: ["commit", "rollback"])
    func `a transaction that one of its own statements ended takes nothing more and is no success`(
        _ end: String
    ) async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int8)")
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction { tx in
                    try await tx.execute("insert into t values (1)")
                    for text in [end, "insert into t values (2)", "insert into t values (2)"] {
                        do throws(PostgresError) {
                            try await tx.execute(SQL(unescaped: text))
                            Issue.record("\(text) was taken")
                        } catch {
                            #expect(error.code == .transactionEnded)
                        }
                    }
                }
            }
            #expect(error?.code == .transactionEnded)
            #expect(error?.outcome == .unknown)
            #expect(try await client.number("select count(*) from t where a = 2") == 0)
        }
    }
}
