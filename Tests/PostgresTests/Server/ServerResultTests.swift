import Postgres
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Results")
struct ServerResultTests {
    @Test func `rows are a collection that is read by type, by number and by name`() async throws {
        try await TestServer.withClient { client in
            let rows = try await client.query("select n, 'row ' || n as name from generate_series(1::bigint, 3) n")
            #expect(rows.count == 3)
            #expect(rows.affected == 3)
            #expect(rows.columns.map(\.name) == ["n", "name"])
            #expect(rows.columns.map(\.type) == [.int8, .text])
            let decoded = try rows.decode(Int.self, String.self)
            #expect(decoded.map(\.0) == [1, 2, 3])
            #expect(decoded.map(\.1) == ["row 1", "row 2", "row 3"])
            #expect(try rows.reversed().map { try $0.decode("n", as: Int.self) } == [3, 2, 1])
            #expect(try rows[1]["name"].decode(String.self) == "row 2")
            #expect(try rows[2][0].decode(Int64.self) == 3)
            #expect(rows[2].index == 2)
            #expect(rows.last?.count == 2)
        }
    }

    @Test func `a row outlives the rows that it came from`() async throws {
        try await TestServer.withClient { client in
            func row() async throws -> Row {
                try await client.query("select repeat('a', 100000) from generate_series(1, 3)")[2]
            }
            let (kept, cell) = (try await row(), try await row()[0])
            _ = try await client.query("select 1")
            #expect(try kept.decode(String.self).utf8.count == 100_000)
            #expect(try cell.decode(String.self).utf8.count == 100_000)
        }
    }

    @Test func `many tasks read one result at once`() async throws {
        try await TestServer.withClient { client in
            let rows = try await client.query(
                "select n, 'row ' || n, array[n, null] from generate_series(1::bigint, 1000) n")
            let sums = try await withThrowingTaskGroup(of: Int64.self, returning: [Int64].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try rows.reduce(0) { sum, row in
                            let (number, text, numbers) = try row.decode(Int64.self, String.self, [Int64?].self)
                            guard text == "row \(number)", numbers == [number, nil] else { return .min }
                            return sum + number
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(sums == Array(repeating: 500_500, count: 8))
        }
    }

    @Test func `a mismatch names column, row, PostgreSQL's type and Swift's`() async throws {
        try await TestServer.withClient { client in
            let rows = try await client.query(
                "select n, nullif(n, 2) as \"Mayor\" from generate_series(1::bigint, 2) n")
            let wrong = try postgresError { _ = try rows[0].decode(Int.self, UUID?.self) }
            #expect(wrong.message.hasPrefix("cannot decode column 1 \"Mayor\", row 0, of type int8, as Swift's UUID: "))
            #expect(wrong.code == .decoding)
            let null = try postgresError { _ = try rows.decode(Int.self, Int.self) }
            #expect(null.message == "cannot decode column 1 \"Mayor\", row 1, of type int8, as Swift's Int: it is null")
        }
    }

    @Test func `another number of columns than named is refused`() async throws {
        try await TestServer.withClient { client in
            let row = try await client.query("select 1 as a, 2 as b").one()
            let few = try postgresError { _ = try row.decode(Int.self) }
            #expect(few.message == "cannot decode a row of 2 columns (\"a\", \"b\") as 1 values")
            #expect(throws: PostgresError.self) { try row.decode(Int.self, Int.self, Int.self) }
        }
    }

    @Test func `a name is compared exactly, and must be there once`() async throws {
        try await TestServer.withClient { client in
            let row = try await client.query("select 1 as a, 2 as \"A\", 3 as b, 4 as b, 5 as abc").one()
            #expect(try row.decode("a", as: Int.self) == 1)
            #expect(try row.decode("A", as: Int.self) == 2)
            #expect(try row.decode("abc", as: Int.self) == 5)
            for name in ["ab", "abcd", "", "a\0"] {
                let error = try postgresError { _ = try row[name] }
                #expect(error.message == "no column is called \"\(name)\"")
                #expect(error.hint == "There are: \"a\", \"A\", \"b\", \"b\", \"abc\".")
            }
            #expect(try postgresError { _ = try row["b"] }.message == "several columns are called \"b\"")
        }
    }

    @Test func `one row is one row`() async throws {
        try await TestServer.withClient { client in
            let none = try await client.query("select 1 where false")
            #expect(none.isEmpty && none.affected == 0)
            #expect(try postgresError { _ = try none.one() }.message == "one row was wanted and there are 0")
            let two = try await client.query("values (1), (2)")
            #expect(try postgresError { _ = try two.one() }.message == "one row was wanted and there are 2")
        }
    }

    @Test func `statements say how many rows they touched`() async throws {
        try await TestServer.withClient { client in
            let created = try await client.execute("create table t (n bigint)")
            #expect(created == 0)
            #expect(try await client.execute("insert into t select unnest(\([1, 2, 3]))") == 3)
            #expect(try await client.execute("update t set n = n + 1 where n > \(1)") == 2)
            #expect(try await client.execute("delete from t where n = \(99)") == 0)
            #expect(try await client.query("delete from t returning n").affected == 3)
        }
    }
}
