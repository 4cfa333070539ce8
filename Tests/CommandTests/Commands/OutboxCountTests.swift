import SkaldTesting
import Testing

@testable import SkaldCLI

@Suite("What skald outbox counts up to a limit", .testDatabase(.skald))
struct OutboxCountTests {
    @Test func `is shown as a number that may be larger`() async throws {
        let database = try TestDatabase.current
        for (key, count) in [("long", 1001), ("short", 2)] {
            try await database.psql(
                """
                select skald.enqueue('bookings', '\(key)', 'booking.made', '{}', source => '/test')
                  from generate_series(1, \(count))
                """, as: .writer)
        }
        try await database.psql("select skald.outbox_register('http', 1, null, false)", as: .writer)
        try await database.psql(
            """
            insert into skald.outbox_blocked (tenant, sink, topic, key, lane, first_version, first_position, message_id, state,
                                              attempts, reason, next_try, blocked_at, changed_at)
            select tenant, 'http', topic, key, 0, key_version, position, id, 'parked', 8, 'HTTP 422', now(), now(), now()
              from skald.outbox where key_version = 1;
            update skald.outbox_cursors set position = (select max(position) from skald.outbox);
            """)

        let keys = try await skald("parked").output
        #expect(keys.contains(/long .*  1000\+  HTTP 422\n/) && keys.contains(/short .*  2  HTTP 422\n/), "\(keys)")
        let json = try await skald("parked", "--json").output
        #expect(json.contains(#""waiting":1000,"waitingIsExact":false"#), "\(json)")
        #expect(json.contains(#""waiting":2,"waitingIsExact":true"#), "\(json)")
        let sinks = try await skald("ls").output
        #expect(sinks.contains(" 1002+ "), "\(sinks)")
        #expect(try await skald("ls", "--json").output.contains(#""pending":1002,"pendingIsExact":false"#))
        let replay = try await skald("replay", "--sink", "http", "--all", "--reason", "x")
        #expect(replay.error.contains("why:   with 1002+ messages in all\n"), "\(replay.error)")
    }

    @Test func `a number below the limit is exact, and a sum is if all its parts are`() {
        #expect("\(CountedUp(999))" == "999" && "\(CountedUp(1000))" == "1000+")
        #expect("\(CountedUp(999) + CountedUp(999))" == "1998" && "\(CountedUp(1000) + CountedUp(1))" == "1001+")
    }

    private func skald(_ arguments: String...) async throws -> ChildProgram.Finished {
        let url = try TestDatabase.current.connectionString(.operator)
        return try await ChildProgram.run("skald", ["outbox"] + arguments + ["--url", url])
    }
}
