import EmbeddedPostgres
import Logging
import Outbox
import Postgres
import PostgresEventStore
import SkaldTesting
import Synchronization
import Testing

/// OB6: a relay that has lost a lane cannot move its cursor or block its keys, however long it slept.
@Suite struct FencingTests {
    @Test func `OB6: after a takeover the former owner's cursor and verdicts are refused, the new one's are not`()
        async throws
    {
        try await OutboxFixture.with(Self.takeover)
    }

    static func takeover(_ fixture: OutboxFixture) async throws {
        let client = fixture.client
        try await client.execute("select skald.outbox_register('web', 1, null, false)")
        try await fixture.enqueue("a", "one")
        func acquire(_ owner: String) async throws -> Int64? {
            try await client.query(
                "select epoch from skald.lease_acquire(array['outbox/web/0'], \(owner), interval '100 ms', 1)"
            ).first?[0].decode(Int64.self)
        }
        let stale = try #require(try await acquire("first"))
        var fresh: Int64?
        try await eventually("the lease ends and another takes it") {
            fresh = try await acquire("second")
            return fresh != nil
        }
        let error = await #expect(throws: PostgresError.self) {
            try await client.execute("select skald.outbox_advance('web', 0, \(stale), 1, 1)")
        }
        #expect(error?.sqlState == "SK007")
        await #expect(throws: PostgresError.self) {
            try await client.execute(
                """
                select skald.outbox_advance('web', 0, \(stale), 0, 1, array[''], array['orders'], array['a'], array['park'],
                array[1::bigint], array[1], array[0::float8], array['stale'])
                """)
        }
        #expect(try await fixture.count("select position from skald.outbox_cursors") == 0)
        #expect(try await fixture.count("select count(*) from skald.outbox_blocked") == 0)
        try await client.execute("select skald.outbox_advance('web', 0, \(try #require(fresh)), 1, 1)")
        #expect(try await fixture.count("select position from skald.outbox_cursors") == 1)
    }

    @Test func `OB6: a relay whose sink call outlasts its lease writes nothing, and the next one sends again`()
        async throws
    {
        try await EmbeddedPostgres.with { server in
            try await withTestDatabase(.skald, on: server) { database in
                try await OutboxFixture.with(database) { fixture in
                    try await Self.sleepThroughTheLease(fixture)
                }
            }
        }
    }

    /// The first relay is cut off: its lease statements get errors from now on, as in a partition, while its call of the sink
    /// is held. The second one takes the lane over and delivers; then the first one's call returns with success.
    private static func sleepThroughTheLease(_ fixture: OutboxFixture) async throws {
        let gate = Doorbell()
        let held = RecordingSink { _ in
            await gate.wait()
            return .acknowledged
        }
        let free = RecordingSink()
        var configuration = OutboxFixture.quick
        configuration.lanes = 1
        // The server is this test's own, and so are its roles.
        try await fixture.database.psql("create role cut_off login in role skald_writer")
        let cutOff = PostgresClient.Configuration(
            connectionString: fixture.database.server.connectionString(database: fixture.database.name, user: "cut_off")
        )
        try await PostgresClient.with(cutOff, logger: OutboxFixture.logger) { client in
            let first = Relay(
                "test", client: client, sink: held, configuration: configuration, logger: OutboxFixture.logger)
            let second = fixture.relay(free, configuration)
            try await fixture.running(first) {
                try await fixture.enqueue("a", "one")
                try await eventually("the first relay has called the sink") { held.calls == 1 }
                try await fixture.database.psql("revoke skald_writer from cut_off")
                try await fixture.running(second) {
                    try await eventually("the second takes over and sends it again") { free.acknowledged.count == 1 }
                    try await fixture.enqueue("a", "two")
                    try await eventually("and goes on") { free.acknowledged.count == 2 }
                }
                try await fixture.database.psql("grant skald_writer to cut_off")
                gate.ring()
            }
            #expect(held.calls == 1, "the first relay took up nothing more under the lost lease")
        }
        let epochs = try await fixture.count("select epoch from skald.lease_status where unit = 'outbox/test/0'")
        #expect(epochs >= 2)
    }

    @Test func `relays that share the lanes all take part, and send each message once while nothing fails`()
        async throws
    {
        try await OutboxFixture.with { fixture in
            let relays = (0..<3).map { _ in RecordingSink() }
            try await fixture.running(
                fixture.relay(relays[0]), fixture.relay(relays[1]), fixture.relay(relays[2])
            ) {
                try await eventually("every lane has an owner, and three share them") {
                    try await fixture.count(
                        "select count(distinct owner) * 10 + count(*) from skald.lease_status where remaining > '0'")
                        == 34
                }
                for number in 0..<300 { try await fixture.enqueue("k\(number % 50)", "\(number)") }
                try await eventually("all arrive") { relays.reduce(0) { $0 + $1.acknowledged.count } >= 300 }
            }
            #expect(relays.allSatisfy { !$0.acknowledged.isEmpty }, "all three took part")
            #expect(relays.reduce(0) { $0 + $1.acknowledged.count } == 300, "without faults there are no duplicates")
        }
    }
}
