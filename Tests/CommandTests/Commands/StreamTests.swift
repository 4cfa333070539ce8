import Foundation
import SkaldTesting
import Testing

@Suite("skald stream", .testDatabase(.skald), .serialized)
struct StreamTests {
    private func skald(_ arguments: [String], columns: Int? = nil) async throws -> ChildProgram.Finished {
        let environment = columns.map { ["COLUMNS": "\($0)"] } ?? [:]
        let url = try TestDatabase.current.connectionString(.reader)
        return try await ChildProgram.run("skald", arguments + ["--url", url], environment: environment)
    }

    private func append(_ stream: String, _ events: String, tenant: String = "") async throws {
        try await TestDatabase.current.psql(
            "select from skald.append('\(stream)', -2, '[\(events)]', null, '\(tenant)')", as: .writer)
    }

    /// Times are the database's; the golden texts show that there is one.
    private func timeless(_ text: String) -> String {
        text.replacing(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/, with: "2026-11-22 20:01:03Z")
            .replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/, with: "2026-11-22T20:01:03.000Z")
            .replacing(/[0-9a-f]{8}-[0-9a-f-]{27}/, with: "ID")
    }

    @Test func `streams are listed, read and followed`() async throws {
        try await append(
            "seat-A1",
            #"{"type":"seat.held","data":{"booking":"b1","price":12345678901234567890.10},"tags":["vip"]},"#
                + #"{"type":"seat.released","data":{},"metadata":{"by":"ops"}}"#)
        try await append("seat-A2", #"{"type":"seat.held","data":{"booking":"b2"}}"#)
        try await append("trip-1", #"{"type":"trip.begun","data":{}}"#)
        try await append("trip-2", #"{"type":"trip.begun","data":{}}"#, tenant: "acme")

        try await listed()
        try await readAt80And40()
        try await readBackwards()
        try await followed()
    }

    private func listed() async throws {
        #expect(
            try await skald(["stream", "ls"]).output == """
                STREAM   VERSION  POSITION  STATE
                seat-A1        1         2  open
                seat-A2        0         3  open
                trip-1         0         4  open

                """)
        let page = try await skald(["stream", "ls", "--prefix", "seat-", "--limit", "1", "--json"])
        #expect(
            page.output
                == #"{"streams":[{"stream":"seat-A1","version":1,"lastPosition":2,"closedAt":null}],"next":"seat-A1"}"#
                + "\n")
        let rest = try await skald(["stream", "ls", "--prefix", "seat-", "--after", "seat-A1"])
        #expect(rest.output.contains("seat-A2") && !rest.output.contains("seat-A1") && !rest.output.contains("trip"))
        let theirs = try await skald(["stream", "ls", "--tenant", "acme"]).output
        #expect(theirs.contains("trip-2") && !theirs.contains("trip-1"))
        #expect(try await skald(["stream", "ls", "--prefix", "zzz"]).output == "no streams\n")
    }

    private func readAt80And40() async throws {
        let wide = timeless(try await skald(["stream", "cat", "seat-A1"], columns: 80).output)
        #expect(
            wide == #"""
                VERSION  POSITION  RECORDED              TYPE           DATA
                      0         1  2026-11-22 20:01:03Z  seat.held      {"price": 1234567890123…
                      1         2  2026-11-22 20:01:03Z  seat.released  {}

                """#)
        let narrow = timeless(try await skald(["stream", "cat", "seat-A1", "--from", "1"], columns: 40).output)
        #expect(
            narrow == #"""
                VERSION   1
                POSITION  2
                RECORDED  2026-11-22 20:01:03Z
                TYPE      seat.released
                DATA      {}

                """#)
        let json = timeless(try await skald(["stream", "cat", "seat-A1", "--limit", "1", "--json"]).output)
        #expect(
            json
                == #"{"stream":"seat-A1","events":[{"position":1,"generation":1,"stream":"seat-A1","version":0,"#
                + #""type":"seat.held","recordedAt":"2026-11-22T20:01:03.000Z","#
                + #""data":{"price": 12345678901234567890.10, "booking": "b1"},"metadata":{},"tags":["vip"],"id":"ID"}],"next":1}"#
                + "\n")
    }

    private func readBackwards() async throws {
        let lines = try await skald(["stream", "cat", "seat-A1", "--backwards"]).output.split(separator: "\n")
        try #require(lines.count == 3)
        #expect(lines[1].contains("seat.released") && lines[2].contains("seat.held"))
        let beyond = try await skald(["stream", "cat", "seat-A1", "--from", "7"])
        #expect(beyond.status == 0)
        #expect(beyond.output == "no events from version 7 on\n")
    }

    private func followed() async throws {
        let url = try TestDatabase.current.connectionString(.reader)
        let tail = try ChildProgram(
            "skald", ["stream", "tail", "--category", "trip", "--after", "start", "--url", url])
        #expect(try await tail.line { $0.contains("trip-1") } == "4 trip-1@0 trip.begun {}")
        try await append("seat-A1", #"{"type":"seat.held","data":{"booking":"b3"}}"#)
        try await append("trip-1", #"{"type":"trip.ended","data":{}}"#)
        #expect(try await tail.line { $0.contains("trip.ended") }.hasSuffix("trip-1@1 trip.ended {}"))
        #expect(!tail.outputText.contains("seat"), "the other category and tenant are left out")
        #expect(!tail.outputText.contains("trip-2"))
        tail.send(SIGINT)
        #expect(try await tail.end() == -SIGINT)

        let one = try await skald(["stream", "tail", "seat-A2", "--after", "g1-0", "--limit", "1", "--json"])
        #expect(one.status == 0)
        #expect(one.output.hasPrefix(#"{"position":3,"generation":1,"stream":"seat-A2","version":0,"#))
        #expect(one.output.filter { $0 == "\n" }.count == 1)
        let wrong = try await skald(["stream", "tail", "--after", "yesterday"])
        #expect(wrong.status == 2)
    }
}
