import Outbox
import Postgres
import SkaldTesting
import Testing

/// OB8: a sink that is not used any more does not keep messages for ever, once somebody has said so.
@Suite struct UnregisterTests {
    @Test
    func `OB8: a sink that is forgotten keeps nothing from being purged, and what the others have not taken is kept`()
        async throws
    {
        try await OutboxFixture.with { fixture in
            try await fixture.database.psql(
                """
                update skald.partition_widths set width = 10 where log = 'outbox';
                select setval('skald.outbox_position', 2999999);
                """)
            let (used, unused) = (RecordingSink(), RecordingSink { _ in .refused(reason: "gone") })
            try await fixture.running(
                fixture.relay(used, name: "used"), fixture.relay(unused, name: "unused")
            ) {
                for number in 0..<25 { try await fixture.enqueue("k\(number % 7)", "\(number)") }
                try await eventually("one has all of it, the other is blocked") {
                    let cursor = try await fixture.count(
                        "select min(position) from skald.outbox_cursors where sink = 'used'")
                    let blocked = try await fixture.count("select count(*) from skald.outbox_blocked")
                    return cursor == 3_000_024 && blocked == 7
                }
            }
            func oldestAfterPurge() async throws -> Int {
                while try await fixture.count("select skald.outbox_purge('0'::interval)") > 0 {}
                return try await fixture.count(
                    "select min(lower_bound) from skald.partitions where log = 'outbox' and dropped_at is null")
            }
            #expect(try await oldestAfterPurge() == 3_000_000)
            let outbox = OutboxOperator(fixture.operatorClient)
            #expect(try await outbox.unregister("unused", actor: "ada", reason: "it is gone") == 7)
            #expect(try await oldestAfterPurge() == 3_000_020)
            #expect(try await outbox.status().allSatisfy { $0.sink.name == "used" })
            let kept = try await fixture.database.psql(
                "select verb, actor, reason, target->>'sink', target->>'keys' from skald.operation_list")
            #expect(kept == "outbox.unregister|ada|it is gone|unused|7")
            // Under its name another one begins anew.
            let again = RecordingSink()
            try await fixture.running(fixture.relay(again, name: "unused")) {
                try await eventually("what is still there") { again.acknowledged.count >= 5 }
            }
        }
    }

    @Test func `a sink in use is not forgotten, nor one that is not there, nor by nobody`() async throws {
        try await OutboxFixture.with { fixture in
            let outbox = OutboxOperator(fixture.operatorClient)
            func state(_ sink: SinkName, actor: String = "ada") async -> SQLState? {
                await #expect(throws: PostgresError.self) {
                    try await outbox.unregister(sink, actor: actor, reason: "x")
                }?.sqlState
            }
            try await fixture.running(fixture.relay(RecordingSink())) {
                try await eventually("it has its lanes") {
                    try await fixture.count("select count(*) from skald.leases where owner is not null") == 4
                }
                #expect(await state("test") == "SK014")
            }
            #expect(await state("other") == "SK003")
            #expect(await state("test", actor: " ") == "SK003")
            #expect(try await fixture.count("select count(*) from skald.outbox_cursors") == 4)
            #expect(try await fixture.count("select count(*) from skald.operations") == 0)
        }
    }

    @Test
    func `OB6: a relay that was paused when its sink was forgotten can't write, also when the sink is there again`()
        async throws
    {
        try await OutboxFixture.with { fixture in
            let acquire = "select epoch from skald.lease_acquire(array['outbox/test/0'], 'paused', '100 ms', 1)"
            let register: SQL = "select skald.outbox_register('test', 1, null, false)"
            try await fixture.client.execute(register)
            #expect(try await fixture.database.psql(acquire, as: .writer) == "1")
            let outbox = OutboxOperator(fixture.operatorClient)
            try await eventually("its lease ends") {
                do {
                    try await outbox.unregister("test", actor: "ada", reason: "x")
                    return true
                } catch let error as PostgresError where error.sqlState == "SK014" {
                    return false
                }
            }
            try await fixture.client.execute(register)
            let stale = await #expect(throws: PostgresError.self) {
                try await fixture.client.execute("select skald.outbox_advance('test', 0, 1, 0, 0)")
            }
            #expect(stale?.sqlState == "SK007")
            #expect(try await fixture.database.psql(acquire, as: .writer) == "3", "an epoch does not come again")
        }
    }
}
