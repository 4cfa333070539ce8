import Postgres
import Testing

@Suite
struct CopyTests {
    struct Refused: Error {}

    @Test func `data goes in and comes out`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int, b text)")
            try await client.withConnection { connection in
                let count = try await connection.copyIn("copy t from stdin") { writer in
                    for n in 0..<1000 { try await writer.write("\(n)\trow \(n)\n") }
                }
                #expect(count == 1000)
                var lines: [String] = []
                for try await line in try await connection.copyOut("copy (select * from t order by a) to stdout") {
                    lines.append(String(decoding: line, as: UTF8.self))
                }
                #expect(lines == (0..<1000).map { "\($0)\trow \($0)\n" })
            }
        }
    }

    @Test func `much data in large pieces goes in`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a text)")
            try await client.withConnection { connection in
                let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 999) + [UInt8(ascii: "\n")]
                let chunk = Array(repeatElement(piece, count: 5000).joined())
                let count = try await connection.copyIn("copy t from stdin") { writer in
                    for _ in 0..<8 { try await writer.write(chunk) }
                }
                #expect(count == 40_000)
            }
        }
    }

    @Test func `nothing is copied when the writer throws`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int)")
            try await client.withConnection { connection in
                await #expect(throws: Refused.self) {
                    try await connection.copyIn("copy t from stdin") { writer in
                        try await writer.write("1\n")
                        throw Refused()
                    }
                }
                let number = try await connection.number("select count(*) from t")
                #expect(number == 0)
            }
        }
    }

    @Test func `bad data is refused with the line that is bad`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table t (a int)")
            try await client.withConnection { connection in
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.copyIn("copy t from stdin") { try await $0.write("1\nx\n") }
                }
                #expect(error?.sqlState == .invalidTextRepresentation)
                #expect(error?.context?.contains("line 2") == true)
                let number = try await connection.number("select count(*) from t")
                #expect(number == 0)
            }
        }
    }

    @Test func `a copy that cannot begin is an error before anything is written`() async throws {
        try await TestServer.withClient { client in
            try await client.withConnection { connection in
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.copyIn("copy nowhere from stdin") { _ in Issue.record("there is no table") }
                }
                #expect(error?.sqlState == .undefinedTable)
                let number = try await connection.number("select 1::int8")
                #expect(number == 1)
            }
        }
    }
}
