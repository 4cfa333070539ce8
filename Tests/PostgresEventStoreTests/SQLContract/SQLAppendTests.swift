import Foundation
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

private func long(_ count: Int) -> String { String(repeating: "x", count: count) }
private func tags(_ count: Int) -> String { (0..<count).map { "\"t\($0)\"" }.joined(separator: ",") }

private let flaws: [(stream: String, events: String, argument: String)] = [
    ("", "[{\"type\":\"t\",\"data\":1}]", "stream_name"),
    ("$saga:x-1", "[{\"type\":\"t\",\"data\":1}]", "stream_name"),
    ("a\u{7}-1", "[{\"type\":\"t\",\"data\":1}]", "stream_name"),
    ("a-1", "{}", "events"),
    ("a-1", "[]", "events"),
    ("a-1", "[1]", "events[0]"),
    ("a-1", "[{\"type\":\"t\",\"data\":1,\"more\":1}]", "events[0]"),
    ("a-1", "[{\"type\":\"\",\"data\":1}]", "events[0].type"),
    ("a-1", "[{\"data\":1}]", "events[0].type"),
    ("a-1", "[{\"type\":\"t\"}]", "events[0].data"),
    ("a-1", "[{\"type\":\"t\",\"data\":1},{\"type\":\"t\",\"data\":1,\"tags\":\"x\"}]", "events[1].tags"),
    ("a-1", "[{\"type\":\"t\",\"data\":1,\"metadata\":[]}]", "events[0].metadata"),
    ("a-1", "[{\"type\":\"t\",\"data\":1,\"id\":\"no\"}]", "events[0].id"),
    ("a-1", "[{\"type\":\"t\\u0007\",\"data\":1}]", "events[0].type"),
    ("a-1", "[{\"type\":\"t\",\"data\":1,\"tags\":[\(tags(65))]}]", "events[0].tags"),
    ("a-1", "[{\"type\":\"t\",\"data\":1,\"tags\":[\"\"]}]", "events[0].tags"),
    ("a-1", "[{\"type\":\"t\",\"data\":1,\"tags\":[\"\(long(251))\"]}]", "events[0].tags"),
    ("a-1", "[{\"type\":\"t\",\"data\":1,\"tags\":[\"a\\u0085\"]}]", "events[0].tags"),
    ("a-1", "[{\"type\":\"t\",\"data\":1,\"metadata\":{\"a\":\"\(long(65_536))\"}}]", "events[0].metadata"),
]

/// The public SQL functions, as psql and other languages call them: `append`.
@Suite(.testDatabase(.skald)) struct SQLAppendTests {
    @Test func `an append gets adjacent versions and rising positions, and is read back`() async throws {
        try await TestDatabase.current.withClient { client in
            let first = try await append(
                client, "seat-A1", -1, #"[{"type":"seat.held","data":{"by":"b1"}},{"type":"seat.released","data":{}}]"#)
            #expect(first.first == 0 && first.last == 1)
            let second = try await append(
                client, "seat-A1", 1, #"[{"type":"seat.held","data":[1],"tags":["a","b \"c\""],"metadata":{"x":1}}]"#)
            #expect(second.first == 2 && second.last == 2 && second.position > first.position)
            let rows = try await client.query(
                "select version, type, data::text, tags, metadata::text from skald.read_stream('seat-A1')")
            let events = try rows.map {
                try $0.decode(Int64.self, String.self, String.self, [String]?.self, String?.self)
            }
            #expect(events.map(\.0) == [0, 1, 2])
            #expect(events.map(\.1) == ["seat.held", "seat.released", "seat.held"])
            #expect(events.map(\.2) == [#"{"by": "b1"}"#, "{}", "[1]"])
            #expect(events[2].3 == ["a", "b \"c\""])
            #expect(events[2].4 == #"{"x": 1}"#)
        }
    }

    @Test func `each expectation is kept, and a conflict names the actual version (ES5)`() async throws {
        try await TestDatabase.current.withClient { client in
            let event = #"[{"type":"t","data":1}]"#
            _ = try await append(client, "room-1", -1, event)
            try await refused(
                client, "room-1", -1, event, "SK001", #"{"actual": 0, "stream": "room-1", "expected": -1}"#)
            try await refused(client, "room-1", 5, event, "SK001", #"{"actual": 0, "stream": "room-1", "expected": 5}"#)
            try await refused(
                client, "room-2", -4, event, "SK001", #"{"actual": -1, "stream": "room-2", "expected": -4}"#)
            try await refused(
                client, "room-2", 0, event, "SK001", #"{"actual": -1, "stream": "room-2", "expected": 0}"#)
            #expect(try await append(client, "room-1", -4, event).first == 1)
            #expect(try await append(client, "room-1", -2, event).first == 2)
            #expect(try await append(client, "room-3", -2, event).first == 0)
        }
    }

    @Test(arguments: [-1, -2, 0])
    func `a repeated append id returns the first result and appends nothing (ES10)`(expected: Int64) async throws {
        try await TestDatabase.current.withClient { client in
            let stream = "again\(expected)-1"
            if expected == 0 { _ = try await append(client, stream, -1, #"[{"type":"t","data":0}]"#) }
            let id = UUID()
            let events = #"[{"type":"t","data":{"b":1,"a":[1,2.0]}},{"type":"u","data":null,"tags":["x"]}]"#
            let first = try await append(client, stream, expected, events, id)
            _ = try await append(client, stream, -2, #"[{"type":"t","data":9}]"#)
            let sameAsJSON =
                #"[{"data":{"a":[1,2.0],"b":1},"type":"t","metadata":{"trace":"other"}},{"type":"u","data":null,"tags":["x"]}]"#
            #expect(try await append(client, stream, expected, sameAsJSON, id) == first)
            let count = try await client.query("select count(*) from skald.read_stream(\(stream))")
            #expect(try count[0][0].decode(Int64.self) == (expected == 0 ? 4 : 3))
            let other = #"[{"type":"t","data":{"b":2,"a":[1,2.0]}},{"type":"u","data":null,"tags":["x"]}]"#
            try await refused(
                client, stream, expected, other, "SK002", #"{"append_id": "\#(id.uuidString.lowercased())"}"#, id: id)
            let otherTags = #"[{"type":"t","data":{"b":1,"a":[1,2.0]}},{"type":"u","data":null}]"#
            try await refused(client, stream, expected, otherTags, "SK002", nil, id: id)
        }
    }

    @Test(arguments: flaws)
    func `what is not valid is refused, naming the argument`(
        stream: String, events: String, argument: String
    ) async throws {
        try await TestDatabase.current.withClient { client in
            let error = await #expect(throws: PostgresError.self) { _ = try await append(client, stream, -2, events) }
            #expect(error?.sqlState == "SK003")
            #expect(error?.detail?.contains("\"argument\": \"\(argument)\"") == true, "\(error?.detail ?? "no detail")")
        }
    }

    @Test func `what just fits is taken`() async throws {
        try await TestDatabase.current.withClient { client in
            let events = """
                [{"type":"\(long(250))","data":1,"tags":[\(tags(63)),"\(long(250))"],"metadata":{"a":"\(long(65_000))"}}]
                """
            let appended = try await append(client, "fits-1", -2, events)
            #expect(appended.first == 0)
        }
    }

    @Test(arguments: [
        (tenant: "repeat('t', 101)", stream: "'a-1'", type: "'t'", data: "'1'", flaw: "tenant"),
        (tenant: "''", stream: "E'a-\\n'", type: "'t'", data: "'1'", flaw: "stream_name"),
        (tenant: "''", stream: "repeat('s', 251)", type: "'t'", data: "'1'", flaw: "stream_name"),
        (tenant: "''", stream: "'a-1'", type: "''", data: "'1'", flaw: "type"),
        (tenant: "''", stream: "'a-1'", type: "'t'", data: "to_jsonb(repeat('x', 8388609))", flaw: "data"),
    ])
    func `what the client would have refused the database refuses, too, alone and in a group`(
        _ bad: (tenant: String, stream: String, type: String, data: String, flaw: String)
    ) async throws {
        let id = "gen_random_uuid()"
        try await TestDatabase.current.withClient { client in
            for call in [
                "append_one(\(bad.tenant), \(bad.stream), -1, \(id), false, array[\(bad.type)], array[\(bad.data)::jsonb], "
                    + "array[null::jsonb], array[null::text], array[\(id)], array[false], 0)",
                "append_group(\(bad.tenant), array[\(bad.stream)], array[-1], array[\(id)], array[false], array[1], "
                    + "array[\(bad.type)], array[\(bad.data)::jsonb], array[null::jsonb], array[null::text], array[\(id)])",
                "begin_stream(\(bad.tenant), \(bad.stream), \(id), \(id), \(bad.type), \(bad.data)::jsonb, null, null)",
            ] {
                let error = await #expect(throws: PostgresError.self) {
                    try await client.query(SQL(unescaped: "select * from skald.\(call)"))
                }
                #expect(error?.sqlState == "SK003")
                #expect(error?.detail?.contains("\"\(bad.flaw)\"") == true, "\(call.prefix(60))")
            }
        }
    }

    @Test func `nesting beyond 64 levels is refused, 64 are stored`() async throws {
        try await TestDatabase.current.withClient { client in
            func nested(_ depth: Int) -> String {
                let value = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                return "[{\"type\":\"t\",\"data\":\(value)}]"
            }
            _ = try await append(client, "deep-1", -2, nested(64))
            try await refused(client, "deep-1", -2, nested(65), "SK003", nil)
        }
    }

    private struct Appended: Equatable {
        var first, last, position: Int64
    }

    private func append(
        _ client: PostgresClient, _ stream: String, _ expected: Int64, _ events: String, _ id: UUID? = nil
    ) async throws -> Appended {
        let rows = try await client.query(
            "select * from skald.append(\(stream), \(expected), \(JSONB(Array(events.utf8))), \(id))")
        let (first, last, position) = try rows[0].decode(Int64.self, Int64.self, Int64.self)
        return Appended(first: first, last: last, position: position)
    }

    private func refused(
        _ client: PostgresClient, _ stream: String, _ expected: Int64, _ events: String, _ state: SQLState,
        _ detail: String?, id: UUID? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let error = await #expect(throws: PostgresError.self, sourceLocation: sourceLocation) {
            _ = try await append(client, stream, expected, events, id)
        }
        #expect(error?.sqlState == state, sourceLocation: sourceLocation)
        if let detail { #expect(error?.detail == detail, sourceLocation: sourceLocation) }
    }
}
