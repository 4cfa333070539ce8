import Postgres
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A value of every type at its limits goes to a real server and comes back, and the server says in its own words what it
/// got: type and text.
@Suite("Values through a server")
struct ServerValueTests {
    /// What the server says about a value that was bound.
    private func check<T: PostgresEncodable & PostgresDecodable & Equatable>(
        _ value: T, is type: String, text: String, on client: PostgresClient,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let row = try await client.query("select \(value), pg_typeof(\(value))::text, (\(value))::text").one()
        let (back, actualType, actualText) = try row.decode(T.self, String.self, String.self)
        #expect(back == value, sourceLocation: sourceLocation)
        #expect(actualType == type, sourceLocation: sourceLocation)
        #expect(actualText == text, sourceLocation: sourceLocation)
    }

    @Test func `booleans and integers`() async throws {
        try await TestServer.withClient { client in
            try await check(true, is: "boolean", text: "true", on: client)
            try await check(false, is: "boolean", text: "false", on: client)
            try await check(Int16.min, is: "smallint", text: "-32768", on: client)
            try await check(Int16.max, is: "smallint", text: "32767", on: client)
            try await check(Int32.min, is: "integer", text: "-2147483648", on: client)
            try await check(Int32.max, is: "integer", text: "2147483647", on: client)
            try await check(Int64.min, is: "bigint", text: "-9223372036854775808", on: client)
            try await check(Int64.max, is: "bigint", text: "9223372036854775807", on: client)
            try await check(Int.min, is: "bigint", text: "-9223372036854775808", on: client)
        }
    }

    @Test func `doubles, with infinities, NaN and negative zero`() async throws {
        try await TestServer.withClient { client in
            try await check(0.1, is: "double precision", text: "0.1", on: client)
            try await check(-0.0, is: "double precision", text: "-0", on: client)
            try await check(
                Double.greatestFiniteMagnitude, is: "double precision", text: "1.7976931348623157e+308", on: client)
            try await check(Double.leastNonzeroMagnitude, is: "double precision", text: "5e-324", on: client)
            try await check(Double.infinity, is: "double precision", text: "Infinity", on: client)
            try await check(-Double.infinity, is: "double precision", text: "-Infinity", on: client)
            let row = try await client.query("select \(Double.nan), (\(Double.nan))::text, 1.5::float4").one()
            let (nan, text, narrow) = try row.decode(Double.self, String.self, Double.self)
            #expect(nan.isNaN && text == "NaN" && narrow == 1.5)
        }
    }

    @Test func `text of every kind`() async throws {
        try await TestServer.withClient { client in
            try await check("", is: "text", text: "", on: client)
            try await check(
                "ä€\u{1F600}\u{10FFFF}\u{FFFF}\u{1}", is: "text", text: "ä€\u{1F600}\u{10FFFF}\u{FFFF}\u{1}", on: client
            )
            let long = String(repeating: "ä€", count: 500_000)
            try await check(long, is: "text", text: long, on: client)
            let row = try await client.query(
                """
                select 'a'::varchar(3), 'a'::char(3), 'a'::name, 'a'::"char", '{ "a": 1}'::json, '{ "a": 1}'::jsonb,
                    '<a/>'::xml, 'a'
                """
            ).one()
            let expected = ["a", "a  ", "a", "a", "{ \"a\": 1}", "{\"a\": 1}", "<a/>", "a"]
            for (column, text) in expected.enumerated() { #expect(try row[column].decode(String.self) == text) }
        }
    }

    @Test func `bytes`() async throws {
        try await TestServer.withClient { client in
            try await check([] as [UInt8], is: "bytea", text: "\\x", on: client)
            let all = Array(UInt8.min...UInt8.max)
            let digits = all.map { String($0 + 0, radix: 16) }.map { $0.count < 2 ? "0" + $0 : $0 }.joined()
            try await check(all, is: "bytea", text: "\\x" + digits, on: client)
            let long = [UInt8](repeating: 0, count: 5_000_000)
            let row = try await client.query("select \(long), octet_length(\(long))").one()
            let (back, length) = try row.decode([UInt8].self, Int.self)
            #expect(back == long && length == 5_000_000)
        }
    }

    @Test func `UUIDs and JSON`() async throws {
        try await TestServer.withClient { client in
            for text in ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"] {
                try await check(try #require(UUID(uuidString: text)), is: "uuid", text: text, on: client)
            }
            try await check(
                JSON(#"{ "b": "\u0000", "a": 1, "a": 2}"#), is: "json", text: #"{ "b": "\u0000", "a": 1, "a": 2}"#,
                on: client)
            try await check(
                JSONB(#"{"a": "\\u0000", "b": [null, 1.50]}"#), is: "jsonb",
                text: #"{"a": "\\u0000", "b": [null, 1.50]}"#, on: client)
            let kept = try await client.query("select \(JSONB(#"{"b":1, "a":1, "a":2}"#))").one().decode(JSONB.self)
            #expect(kept == JSONB(#"{"a": 2, "b": 1}"#))
        }
    }

    @Test func `instants and calendar dates`() async throws {
        try await TestServer.withClient { client in
            func text(of date: Date) async throws -> String {
                try await client.query("select ((\(date)) at time zone 'UTC')::text").one().decode(String.self)
            }
            for (seconds, text) in [
                (-211_845_110_400, "4714-11-24 00:00:00 BC"), (-0.000_001, "2000-12-31 23:59:59.999999"),
                (0, "2001-01-01 00:00:00"), (785_000_000.123_456, "2025-11-16 15:33:20.123456"),
                (63_113_904_000, "4001-01-01 00:00:00"), (9_223_339_708_799, "294276-12-31 23:59:59"),
            ] as [(Double, String)] {
                let date = Date(timeIntervalSinceReferenceDate: seconds)
                let row = try await client.query("select \(date), ((\(date)) at time zone 'UTC')::text").one()
                let (back, said) = try row.decode(Date.self, String.self)
                #expect(said == text)
                #expect(abs(back.timeIntervalSinceReferenceDate - seconds) < 1e-6)
            }
            for (year, month, day, text) in [
                (-4713, 11, 24, "4714-11-24 BC"), (0, 2, 29, "0001-02-29 BC"), (1, 1, 1, "0001-01-01"),
                (2024, 2, 29, "2024-02-29"), (5_874_897, 12, 31, "5874897-12-31"),
            ] {
                let date = try #require(PostgresDate(year: year, month: month, day: day))
                try await check(date, is: "date", text: text, on: client)
            }
        }
    }

    @Test func `exact numbers at the limits of numeric`() async throws {
        try await TestServer.withClient { client in
            for text in ["0", "0.00", "-1", "10000.0001", "12345.67890", "NaN", "Infinity", "-Infinity", "0.00010"] {
                try await check(try #require(PostgresNumeric(text)), is: "numeric", text: text, on: client)
            }
            let longest = "-" + String(repeating: "9", count: 131_072) + "." + String(repeating: "9", count: 16_383)
            try await check(try #require(PostgresNumeric(longest)), is: "numeric", text: longest, on: client)
            let smallest = "0." + String(repeating: "0", count: 16_382) + "1"
            try await check(try #require(PostgresNumeric(smallest)), is: "numeric", text: smallest, on: client)
            let sum = try await client.query("select sum(n) from unnest(\([Int64.max, .max])) n").one()
            #expect(try sum.decode(PostgresNumeric.self).text == "18446744073709551614")
        }
    }

    @Test func `arrays of every type, empty and with nulls`() async throws {
        try await TestServer.withClient { client in
            let uuid = try #require(UUID(uuidString: "00112233-4455-6677-8899-aabbccddeeff"))
            let numeric = try #require(PostgresNumeric("1.50"))
            let date = try #require(PostgresDate(year: 2026, month: 11, day: 22))
            try await check([true, nil], is: "boolean[]", text: "{t,NULL}", on: client)
            try await check([Int16.min, nil], is: "smallint[]", text: "{-32768,NULL}", on: client)
            try await check([Int32.min, nil], is: "integer[]", text: "{-2147483648,NULL}", on: client)
            try await check(
                [Int64.min, .max], is: "bigint[]", text: "{-9223372036854775808,9223372036854775807}", on: client)
            try await check([Int?.none, nil], is: "bigint[]", text: "{NULL,NULL}", on: client)
            try await check([1.5, nil], is: "double precision[]", text: "{1.5,NULL}", on: client)
            try await check(["", "NULL", "a,b", nil], is: "text[]", text: #"{"","NULL","a,b",NULL}"#, on: client)
            try await check([[], [1]] as [[UInt8]], is: "bytea[]", text: #"{"\\x","\\x01"}"#, on: client)
            try await check([uuid, nil], is: "uuid[]", text: "{00112233-4455-6677-8899-aabbccddeeff,NULL}", on: client)
            try await check([numeric, nil], is: "numeric[]", text: "{1.50,NULL}", on: client)
            try await check([date, nil], is: "date[]", text: "{2026-11-22,NULL}", on: client)
            try await check([JSON("1"), nil], is: "json[]", text: "{1,NULL}", on: client)
            try await check([JSONB("null"), nil], is: "jsonb[]", text: #"{"null",NULL}"#, on: client)
            try await check([] as [String], is: "text[]", text: "{}", on: client)
            try await check([] as [Int?], is: "bigint[]", text: "{}", on: client)
            let instants = [Date(timeIntervalSinceReferenceDate: 0), nil]
            try await #expect(client.query("select \(instants)").one().decode([Date?].self) == instants)
        }
    }

    @Test func `hundreds of thousands of elements`() async throws {
        try await TestServer.withClient { client in
            let numbers = (0..<200_000).map { Int64($0) }
            let texts = numbers.map { $0 % 3 == 0 ? nil : "text \($0)" }
            let row = try await client.query(
                "select array_agg(n order by n), array_agg(t order by n), count(*) from unnest(\(numbers), \(texts)) u (n, t)"
            ).one()
            let (backNumbers, backTexts, count) = try row.decode([Int64].self, [String?].self, Int.self)
            #expect(backNumbers == numbers && backTexts == texts && count == 200_000)
        }
    }

    @Test func `nulls of every type`() async throws {
        try await TestServer.withClient { client in
            let row = try await client.query(
                """
                select \(Bool?.none), \(Int?.none), \(String?.none), \(UUID?.none), \(Date?.none), \([UInt8]?.none),
                    \([Int]?.none), \(JSONB?.none), \(PostgresNumeric?.none)
                """
            ).one()
            for column in 0..<row.count { #expect(row[column].isNull) }
            let (flag, numbers) = try (row[0].decode(Bool?.self), row[6].decode([Int]?.self))
            #expect(flag == nil && numbers == nil)
        }
    }
}
