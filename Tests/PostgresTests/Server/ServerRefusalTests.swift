import EmbeddedPostgres
import Postgres
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What neither side can hold is refused in words, and the connection goes on.
@Suite("Refused values")
struct ServerRefusalTests {
    @Test func `a NUL in text is refused before anything is sent`() async throws {
        try await TestServer.withClient { client in
            for sql in [
                "select \("a\0b")", "select \(["a", "\0"])", "select \([nil, "\0"])", "select \(JSONB("\"\\u0000\""))",
                "select \(JSON([0x22, 0, 0x22]))",
            ] as [SQL] {
                let error = try await postgresError { _ = try await client.query(sql) }
                #expect(error.code == .encoding)
                #expect(error.outcome == .failed)
                #expect(error.sqlState == nil)
                #expect(error.message.hasPrefix("parameter $1"))
            }
            #expect(try await client.query("select 1").one().decode(Int.self) == 1)
        }
    }

    @Test func `the server would have refused the same`() async throws {
        try await TestServer.withClient { client in
            for (bytes, type, state) in [
                ([0x61, 0], .text, .characterNotInRepertoire), ([0xFF], .text, .characterNotInRepertoire),
                ([1] + Array("\"\\u0000\"".utf8), .jsonb, .untranslatableCharacter),
                ([1, 0x22, 0xC3, 0x22], .jsonb, .characterNotInRepertoire),
                ([1, 0x7B], .jsonb, .invalidTextRepresentation), ([0, 0, 0], .int4, .protocolViolation),
            ] as [([UInt8], PostgresType, SQLState)] {
                let sql = SQL(unescaped: "select $1", binds: [PostgresBind(bytes, type: type)])
                let error = try await postgresError { _ = try await client.query(sql) }
                #expect(error.sqlState == state)
                #expect(error.outcome == .failed)
            }
        }
    }

    @Test func `text that is not UTF-8 is refused when it is read`() async throws {
        try await TestServer.withClient { client in
            // The type "char" is one byte, whatever the encoding: here the first one of a letter's two.
            let row = try await client.query("select 'é'::text::\"char\" as letter").one()
            let error = try postgresError { _ = try row.decode(String.self) }
            #expect(error.code == .decoding)
            #expect(error.message.contains("column 0 \"letter\", row 0"))
            #expect(error.message.contains("not UTF-8"))
        }
    }

    @Test func `text stays what it is, even if the connection string asks for another encoding`() async throws {
        let server = try await EmbeddedPostgres.shared()
        let configuration = PostgresClient.Configuration(
            connectionString: server.connectionString() + " client_encoding=LATIN1")
        try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
            let row = try await client.query("select \("é€"), length(\("é€"))").one()
            let (text, length) = try row.decode(String.self, Int.self)
            #expect(text == "é€" && length == 2)
        }
    }

    @Test func `a database without an encoding cannot send what is not UTF-8`() async throws {
        let server = try await EmbeddedPostgres.shared()
        _ = try await server.psql(
            "create database ascii encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'")
        let configuration = PostgresClient.Configuration(connectionString: server.connectionString(database: "ascii"))
        try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
            let error = try await postgresError { _ = try await client.query("select E'caf\\xe9'") }
            #expect(error.sqlState == .characterNotInRepertoire)
            #expect(error.outcome == .failed)
        }
    }

    @Test func `infinite dates and arrays of arrays are refused by name`() async throws {
        try await TestServer.withClient { client in
            let row = try await client.query(
                """
                select 'infinity'::timestamptz, '-infinity'::date, '{{1,2},{3,4}}'::int[], '[0:1]={5,6}'::int[]
                """
            ).one()
            #expect(try postgresError { _ = try row[0].decode(Date.self) }.message.hasSuffix("it is infinity"))
            #expect(try postgresError { _ = try row[1].decode(PostgresDate.self) }.message.hasSuffix("it is -infinity"))
            #expect(try postgresError { _ = try row[2].decode([Int].self) }.message.contains("2 dimensions"))
            #expect(try row[3].decode([Int].self) == [5, 6])
        }
    }

    @Test func `65535 parameters are sent and 65536 are refused`() async throws {
        try await TestServer.withClient { client in
            func statement(_ count: Int) -> SQL {
                let numbers = (1...count).map { "$\($0)" }.joined(separator: ",")
                return SQL(
                    unescaped: "select cardinality(array[\(numbers)])", binds: (1...count).map { PostgresBind($0) })
            }
            #expect(try await client.query(statement(65_535)).one().decode(Int.self) == 65_535)
            let error = try await postgresError { _ = try await client.query(statement(65_536)) }
            #expect(error.code == .invalidArgument)
        }
    }
}
