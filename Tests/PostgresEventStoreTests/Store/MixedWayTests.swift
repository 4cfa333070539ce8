import EventSourcing
import Foundation
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// SQL and the store's grouped appends on one log, at the same time: both obey the same rules (SQL-CONTRACT).
@Suite struct MixedWayTests {
    /// Appends one event through SQL, as another language would; the versions and the last position.
    @discardableResult
    private static func append(
        _ client: PostgresClient, to stream: String, expecting expected: Int64 = -2, data: String = "{}",
        id: UUID? = nil
    ) async throws -> (first: Int64, last: Int64, position: Int64) {
        let events = JSONB(Array(#"[{"type":"seat.held","data":\#(data),"tags":["a","b"]}]"#.utf8))
        let rows = try await client.query("select * from skald.append(\(stream), \(expected), \(events), \(id))")
        let row = try rows[0].decode(Int64.self, Int64.self, Int64.self)
        return (row.0, row.1, row.2)
    }

    private static func append(
        _ store: PostgresEventStore, to stream: String, expecting expected: ExpectedVersion = .any,
        data: String = "{}", id: AppendID? = nil
    ) async throws -> AppendResult {
        let event = try NewEvent(type: "seat.held", json: data, tags: ["a", "b"])
        let append = StreamAppend([event], to: try StreamID(validating: stream), expecting: expected)
        return try await store.append([append], id: id)[0]
    }

    @Test func `ES4, ES5, ES7, ES9: both append to the same streams at once, and readers of both kinds see one log`()
        async throws
    {
        try await withTestDatabase(.skald) { database in
            let total = 6 * 50 + 3 * 50 + 30
            try await database.withStore { store in
                try await database.withClient { sql in
                    let (followed, polled) = try await withThrowingTaskGroup(of: Int.self) { group in
                        for task in 0..<6 {
                            group.addTask {
                                for round in 0..<50 {
                                    _ = try await Self.append(store, to: "any-\((task + round) % 5)")
                                }
                                return 0
                            }
                        }
                        for task in 0..<3 {
                            group.addTask {
                                for round in 0..<50 { try await Self.append(sql, to: "any-\((task + round) % 5)") }
                                return 0
                            }
                        }
                        group.addTask { try await Self.race(30) { try await Self.expecting($0, of: store) } }
                        group.addTask { try await Self.race(30) { try await Self.expecting($0, of: sql) } }
                        async let followed = Self.follow(store, count: total)
                        async let polled = Self.poll(sql, count: total)
                        #expect(try await group.reduce(0, +) == 30, "of two that expect one version, one wins")
                        return try await (followed, polled)
                    }
                    let stored = try await database.psql("select stream, version from skald.events order by position")
                    let log = stored.split(separator: "\n").map(String.init)
                    #expect(log.count == total)
                    #expect(followed == log && polled == log)
                }
            }
        }
    }

    /// Tries each version in turn; returns how often it was the one to succeed.
    private static func race(_ rounds: Int, _ attempt: (Int64) async throws -> Bool) async throws -> Int {
        var won = 0
        for version in 0..<rounds where try await attempt(Int64(version) - 1) { won += 1 }
        return won
    }

    private static func expecting(_ version: Int64, of store: PostgresEventStore) async throws -> Bool {
        do {
            let expected = ExpectedVersion(after: version < 0 ? nil : StreamVersion(version))
            _ = try await append(store, to: "race-1", expecting: expected)
            return true
        } catch let error as EventStoreError where error.code == .versionConflict {
            #expect((error.actual?.rawValue ?? -1) > version, "it was beaten")
            return false
        }
    }

    private static func expecting(_ version: Int64, of sql: PostgresClient) async throws -> Bool {
        do {
            try await append(sql, to: "race-1", expecting: version)
            return true
        } catch let error as PostgresError where error.sqlState == "SK001" {
            return false
        }
    }

    private static func follow(_ store: PostgresEventStore, count: Int) async throws -> [String] {
        var seen: [String] = []
        for try await event in store.follow(pageSize: 7) {
            seen.append("\(event.stream.name)|\(event.version)")
            if seen.count == count { break }
        }
        return seen
    }

    private static func poll(_ sql: PostgresClient, count: Int) async throws -> [String] {
        var seen: [String] = []
        var cursor: Int64 = 0
        try await eventually("SQL has read everything") {
            let rows = try await sql.query("select stream, version, position from skald.read_all(\(cursor), 9)")
            for row in rows {
                let (stream, version, position) = try row.decode(String.self, Int64.self, Int64.self)
                seen.append("\(stream)|\(version)")
                cursor = position
            }
            return seen.count >= count
        }
        return seen
    }

    @Test(arguments: [-1, -2])
    func `ES10: an append id that SQL used is recognised by the store, also in a group`(_ code: Int64) async throws {
        try await withTestDatabase(.skald) { database in
            try await database.withStore { store in
                try await database.withClient { sql in
                    let expected = code == -1 ? ExpectedVersion.noStream : .any
                    let ids = (0..<40).map { _ in AppendID() }
                    var first: [Int64] = []
                    for (number, id) in ids.enumerated() {
                        let data = #"{"b":[\#(number),1.50],"a":"ü"}"#
                        let stream = "seat-\(number)"
                        first += [
                            try await Self.append(sql, to: stream, expecting: code, data: data, id: id.rawValue)
                                .position
                        ]
                        try await Self.append(sql, to: stream)
                    }
                    let again = try await withThrowingTaskGroup(of: (Int, AppendResult).self) { group in
                        for (number, id) in ids.enumerated() {
                            group.addTask {
                                let data = #"{"a":"ü","b":[\#(number),1.5]}"#
                                return (
                                    number,
                                    try await Self.append(
                                        store, to: "seat-\(number)", expecting: expected, data: data, id: id)
                                )
                            }
                        }
                        return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                    }
                    for number in ids.indices {
                        #expect(again[number]?.wasReplayed == true && again[number]?.firstVersion == 0)
                        #expect(again[number]?.lastPosition.rawValue == first[number])
                    }
                    let error = await #expect(throws: EventStoreError.self) {
                        _ = try await Self.append(store, to: "seat-0", data: #"{"other":1}"#, id: ids[0])
                    }
                    #expect(error?.code == .appendIDReused)
                }
            }
            #expect(try await database.count("select count(*) from skald.events") == 80)
        }
    }

    @Test func `ES10: an append id that the store used is recognised by SQL`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.withStore { store in
                try await database.withClient { sql in
                    for (code, expected) in [(Int64(-1), ExpectedVersion.noStream), (-2, .any)] {
                        let (id, stream) = (AppendID(), "seat\(code)-1")
                        let first = try await Self.append(
                            store, to: stream, expecting: expected, data: #"{"b":2.0,"a":1}"#, id: id)
                        _ = try await Self.append(store, to: stream)
                        let again = try await Self.append(
                            sql, to: stream, expecting: code, data: #"{"a": 1, "b": 2.0}"#, id: id.rawValue)
                        #expect(again.first == 0 && again.last == 0 && again.position == first.lastPosition.rawValue)
                        let error = await #expect(throws: PostgresError.self) {
                            try await Self.append(sql, to: stream, expecting: code, data: "[]", id: id.rawValue)
                        }
                        #expect(error?.sqlState == "SK002")
                    }
                }
            }
            #expect(try await database.count("select count(*) from skald.events") == 4)
        }
    }

    @Test func `ES5: each is told the version that the other made`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.withStore { store in
                try await database.withClient { sql in
                    try await Self.append(sql, to: "seat-1", expecting: -1)
                    let conflict = await #expect(throws: EventStoreError.self) {
                        _ = try await Self.append(store, to: "seat-1", expecting: .noStream)
                    }
                    #expect(conflict?.code == .versionConflict && conflict?.actual == 0)
                    #expect(try await Self.append(store, to: "seat-1", expecting: .version(0)).lastVersion == 1)
                    let refusal = await #expect(throws: PostgresError.self) {
                        try await Self.append(sql, to: "seat-1", expecting: 0)
                    }
                    #expect(refusal?.sqlState == "SK001")
                    #expect(refusal?.detail == #"{"actual": 1, "stream": "seat-1", "expected": 0}"#)
                    #expect(try await Self.append(sql, to: "seat-1", expecting: 1).last == 2)
                    var tags: [[String]] = []
                    for try await event in store.read("seat-1") { tags.append(event.tags) }
                    #expect(tags == Array(repeating: ["a", "b"], count: 3), "what one wrote the other reads")
                }
            }
        }
    }
}
