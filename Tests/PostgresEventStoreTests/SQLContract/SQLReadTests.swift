import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// The public SQL functions, as psql and other languages call them: `read_stream`, `read_all`, `watermark`; and what the
/// roles may not do.
@Suite(.testDatabase(.skald)) struct SQLReadTests {
    @Test func `a stream is read in pages, forwards and backwards`() async throws {
        try await TestDatabase.current.withClient { client in
            for number in 0..<5 {
                try await client.query("select skald.append('page-1', \(Int64(number - 1)), \(event(number)))")
            }
            #expect(try await versions(client, "'page-1'") == [0, 1, 2, 3, 4])
            #expect(try await versions(client, "'page-1', 2") == [2, 3, 4])
            #expect(try await versions(client, "'page-1', 1, 2") == [1, 2])
            #expect(try await versions(client, "'page-1', null, 2, true") == [4, 3])
            #expect(try await versions(client, "'page-1', 2, 10, true") == [2, 1, 0])
            #expect(try await versions(client, "'page-1', 9") == [])
            #expect(try await versions(client, "'none-1'") == [])
            #expect(
                try await versions(client, "'page-1', tenant => 'other'") == [], "a tenant sees its own streams only")
        }
    }

    @Test func `the log is read in order of position, up to the watermark`() async throws {
        // A database of its own: the other tests append too.
        try await withTestDatabase(.skald) { database in try await readInOrder(database) }
    }

    private func readInOrder(_ database: TestDatabase) async throws {
        try await database.withClient { client in
            try await client.query("select skald.append('order-1', -2, \(event(1)))")
            let before = try await watermark(client)
            try await client.withTransaction { open in
                _ = try await open.query("select skald.append('order-2', -2, \(event(2)))")
                try await client.query("select skald.append('order-3', -2, \(event(3)))")
                #expect(try await watermark(client) == before, "an open append holds the watermark back")
                let seen = try await client.query("select stream from skald.read_all(\(before))")
                #expect(seen.isEmpty, "order-3 has committed, but order-2 may come before it")
                let holder = try await client.query("select holder_pid from skald.log_status()")
                let me = try await open.query("select pg_backend_pid()")
                #expect(try holder[0][0].decode(Int32?.self) == me[0][0].decode(Int32.self))
            }
            let streams = try await client.query("select stream from skald.read_all(\(before))")
            let names = try streams.map { try $0[0].decode(String.self) }
            #expect(names == ["order-2", "order-3"])
        }
    }

    @Test(arguments: ["repeatable read", "serializable"])
    func `reading in order is refused where all steps would see one snapshot`(level: String) async throws {
        let database = try TestDatabase.current
        for call in ["skald.watermark()", "skald.read_all()"] {
            let error = await #expect(throws: (any Error).self) {
                try await database.psql(
                    "\\set VERBOSITY verbose\nbegin isolation level \(level); select * from \(call);", as: .reader)
            }
            #expect("\(String(describing: error))".contains("SK006"))
        }
    }

    @Test(
        arguments: TestDatabase.Role.allCases,
        ["update skald.events set type = 'x'", "delete from skald.events", "truncate skald.events"])
    func `events cannot be changed or removed by anybody (ES11)`(
        role: TestDatabase.Role, statement: String
    ) async throws {
        let database = try TestDatabase.current
        try await database.withClient { try await $0.query("select skald.append('kept-1', -2, \(event(1)))") }
        await #expect(throws: (any Error).self) { try await database.psql(statement, as: role) }
    }

    @Test(arguments: [
        "insert into skald.streams values ('', 'x', 0, 1, 1)", "select * from skald.events",
        "select nextval('skald.events_position')", "select skald.mark(1, 1)", "drop table skald.events",
    ])
    func `a writer goes through the functions only`(statement: String) async throws {
        let database = try TestDatabase.current
        let error = await #expect(throws: (any Error).self) {
            try await database.psql("\\set VERBOSITY verbose\n\(statement)", as: .writer)
        }
        #expect("\(String(describing: error))".contains("42501"), "insufficient privilege")
    }

    @Test func `a reader cannot append`() async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await TestDatabase.current.withClient(as: .reader) {
                _ = try await $0.query("select skald.append('x-1', -2, \(event(1)))")
            }
        }
        #expect(error?.sqlState == "42501")
    }

    private func event(_ number: Int) -> JSONB { JSONB(Array("[{\"type\":\"t\",\"data\":\(number)}]".utf8)) }

    private func versions(_ client: PostgresClient, _ arguments: String) async throws -> [Int64] {
        try await client.query("select version from skald.read_stream(\(unescaped: arguments))").map {
            try $0.decode(Int64.self)
        }
    }

    private func watermark(_ client: PostgresClient) async throws -> Int64 {
        try await client.query("select skald.watermark()")[0][0].decode(Int64.self)
    }
}
