import Foundation
import SkaldTesting
import Testing

@Suite("skald outbox", .testDatabase(.skald), .serialized)
struct OutboxCommandTests {
    private func skald(
        _ arguments: [String], as role: TestDatabase.Role = .operator, columns: Int? = nil
    ) async throws -> ChildProgram.Finished {
        let environment = columns.map { ["COLUMNS": "\($0)"] } ?? [:]
        let url = try TestDatabase.current.connectionString(role)
        return try await ChildProgram.run("skald", ["outbox"] + arguments + ["--url", url], environment: environment)
    }

    private func timeless(_ text: String) -> String {
        text.replacing(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/, with: "2026-11-22 20:01:03Z")
            .replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/, with: "2026-11-22T20:01:03.000Z")
            .replacing(/[0-9a-f]{8}-[0-9a-f-]{27}/, with: "ID").replacing(
                /"oldestSeconds":[0-9.]+/, with: "\"oldestSeconds\":0.5")
    }

    /// Two keys, of which one was refused its first message, as a relay would have left them.
    private func prepare() async throws {
        let database = try TestDatabase.current
        for key in ["b1", "b1", "b2"] {
            try await database.psql(
                "select from skald.enqueue('bookings', '\(key)', 'booking.made', '{}', source => '/test')", as: .writer)
        }
        try await database.psql("select skald.outbox_register('http', 1, null, false)", as: .writer)
        try await database.psql(
            """
            insert into skald.outbox_blocked (tenant, sink, topic, key, lane, first_version, first_position, message_id, state,
                                              attempts, reason, next_try, blocked_at, changed_at)
            select tenant, 'http', topic, key, 0, key_version, position, id, 'parked', 8, 'HTTP 422: no such seat', now(), now(), now()
              from skald.outbox where key = 'b1' and key_version = 1;
            update skald.outbox_cursors set position = (select max(position) from skald.outbox);
            """)
    }

    @Test func `sinks, messages and parked keys are shown, and parked keys replayed, by name and for a reason`()
        async throws
    {
        #expect(try await skald(["ls"]).output == "no sinks: a relay registers one when it first starts\n")
        try await prepare()
        try await listed()
        try await parked()
        try await refusals()
        try await replayed()
        try await forgotten()
    }

    private func listed() async throws {
        let sinks = timeless(try await skald(["ls", "--json"]).output)
        #expect(
            sinks
                == #"{"sinks":[{"sink":"http","lanes":1,"lanesOwned":0,"relays":0,"pending":2,"pendingIsExact":true,"#
                + #""oldestSeconds":0.5,"retryingKeys":0,"parkedKeys":1}]}"# + "\n")
        let messages = timeless(try await skald(["ls", "--sink", "http"], columns: 80).output)
        #expect(
            messages == """
                POSITION  STATE   TOPIC     KEY  VERSION  TYPE          RECORDED
                       1  parked  bookings  b1         1  booking.made  2026-11-22 20:01:03Z
                       2  parked  bookings  b1         2  booking.made  2026-11-22 20:01:03Z
                       3  sent    bookings  b2         1  booking.made  2026-11-22 20:01:03Z

                """)
        let first = try await skald(["ls", "--sink", "http", "--state", "parked", "--limit", "1", "--json"]).output
        #expect(first.contains(#""position":1,"state":"parked""#) && first.hasSuffix(#""next":1}"# + "\n"))
        let unknown = try await skald(["ls", "--sink", "htp"])
        #expect(unknown.status == 3)
        #expect(unknown.error.contains("why:   known are http"))
    }

    private func parked() async throws {
        let keys = try await skald(["parked"], columns: 80).output
        #expect(
            keys == """
                SINK  TOPIC     KEY  VERSION  STATE   TRIES  WAITING  REASON
                http  bookings  b1         1  parked      8        2  HTTP 422: no such seat

                """)
        let narrow = try await skald(["parked"], columns: 40).output
        #expect(
            narrow == """
                SINK     http
                TOPIC    bookings
                KEY      b1
                VERSION  1
                STATE    parked
                TRIES    8
                WAITING  2
                REASON   HTTP 422: no such seat

                """)
    }

    private func refusals() async throws {
        let replay = ["replay", "--sink", "http", "--topic", "bookings", "--key", "b1"]
        #expect(try await skald(replay).status == 2, "a reason is asked for")
        #expect(try await skald(replay + ["--reason", " "]).status == 2)
        #expect(try await skald(["replay", "--sink", "http", "--reason", "x"]).status == 2, "say what")
        #expect(
            try await skald(["replay", "--sink", "http", "--key", "b1", "--reason", "x"]).status == 2,
            "a key is of a topic")
        let other = try await skald(["replay", "--sink", "http", "--topic", "bookings", "--key", "b2", "--reason", "x"])
        #expect(other.status == 3)
        let reader = try await skald(replay + ["--reason", "x"], as: .reader)
        #expect(reader.status == 6)
        #expect(reader.error.contains("skald_operator to change"))
        #expect(
            try await TestDatabase.current.psql("select count(*) from skald.operations") == "0",
            "nothing was done or recorded")
    }

    private func replayed() async throws {
        let database = try TestDatabase.current
        let done = try await skald([
            "replay", "--sink", "http", "--topic", "bookings", "--key", "b1", "--reason", "seat was added", "--actor",
            "ann",
            "--json",
        ])
        #expect(
            done.output
                == #"{"sink":"http","tenant":"","topic":"bookings","key":"b1","keys":1,"actor":"ann","reason":"seat was added"}"#
                + "\n")
        #expect(try await database.psql("select state, attempts from skald.outbox_blocked") == "retrying|0")
        #expect(
            try await database.psql("select verb, target->>'key', actor, reason, session from skald.operation_list")
                == "outbox.replay|b1|ann|seat was added|skald_test_operator")
        #expect(try await skald(["parked"]).output == "nothing is parked\n")
        #expect(try await skald(["parked", "--retrying"]).output.contains("retrying"))

        try await database.psql(
            """
            insert into skald.outbox_blocked select tenant, sink, topic, 'b2', lane, 1, 3, message_id, state, attempts, reason,
                   next_try, blocked_at, changed_at from skald.outbox_blocked
            """)
        let unconfirmed = try await skald(["replay", "--sink", "http", "--all", "--reason", "all of it"])
        #expect(unconfirmed.status == 6)
        #expect(unconfirmed.error.contains("error: this would replay 2 keys"))
        #expect(
            unconfirmed.error.contains("next:  see 'skald outbox parked --sink http --retrying', then say --yes"),
            "that list has as many as are meant")
        let confirmed = try await skald(["replay", "--sink", "http", "--all", "--reason", "all of it", "--yes"])
        #expect(confirmed.output == "2 keys will be tried again\n")
    }

    private func forgotten() async throws {
        let database = try TestDatabase.current
        let forget = ["forget", "--sink", "http", "--reason", "moved to the broker", "--actor", "ann"]
        #expect(try await skald(["forget", "--sink", "http"]).status == 2, "a reason is asked for")
        #expect(try await skald(["forget", "--sink", "htp", "--reason", "x", "--yes"]).status == 3)
        #expect(try await skald(forget).status == 6, "it is confirmed")
        #expect(try await skald(forget + ["--yes"], as: .reader).status == 6)
        try await database.psql(
            "select from skald.lease_acquire(array['outbox/http/0'], 'a relay', '1 hour', 1)", as: .writer)
        let inUse = try await skald(forget + ["--yes"])
        #expect(inUse.status == 6 && inUse.error.contains("the sink http is in use"), "\(inUse.error)")
        try await database.psql("select skald.lease_release('a relay', array['outbox/http/0'], array[1])", as: .writer)
        let done = try await skald(forget + ["--yes", "--json"])
        #expect(
            done.output == #"{"sink":"http","blockedKeys":2,"actor":"ann","reason":"moved to the broker"}"# + "\n")
        #expect(
            try await database.psql(
                "select verb, target->>'sink', actor, reason from skald.operation_list order by number desc limit 1")
                == "outbox.unregister|http|ann|moved to the broker")
        #expect(try await skald(["ls"]).output == "no sinks: a relay registers one when it first starts\n")
    }
}
