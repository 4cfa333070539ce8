import EmbeddedPostgres
import EventSourcing
import Postgres
import PostgresEventStore
import Projections
import SkaldTesting
import Testing

/// PR3: checkpoints only rise, and only the holder of the current lease may raise them. X1 to X3: whoever has lost the
/// lease writes nothing, however long it slept.
@Suite struct CheckpointFenceTests {
    private static func acquire(_ client: PostgresClient, as owner: String) async throws -> Int64 {
        var epoch: Int64?
        try await eventually("the lease is free") {
            epoch = try await client.query(
                "select epoch from skald.lease_acquire(array['projection:ledger:1'], \(owner), interval '100 ms', 1)"
            ).first?[0].decode(Int64.self)
            return epoch != nil
        }
        return try #require(epoch)
    }

    private static func advance(_ from: Int, _ to: Int, epoch: Int64) -> SQL {
        """
        select skald.checkpoint_advance('', 'ledger', 1, 0, \(Int64(from)), \(Int64(to)), 'projection:ledger:1', \(epoch))
        """
    }

    @Test func `PR3, X1: a former owner's batch is refused, effects and all`() async throws {
        try await ProjectionFixture.with(Self.formerOwner)
    }

    static func formerOwner(_ fixture: ProjectionFixture) async throws {
        let client = fixture.store.client
        let stale = try await Self.acquire(client, as: "first")
        try await client.batch([Self.advance(0, 5, epoch: stale)])
        let fresh = try await Self.acquire(client, as: "second")
        #expect(fresh > stale)
        // The right place and the wrong epoch: only the fence can tell.
        let error = await #expect(throws: PostgresError.self) {
            try await client.batch([
                Self.advance(5, 9, epoch: stale), "insert into ledger (position, stream) values (9, 'stale')",
            ])
        }
        #expect(error?.sqlState == "SK007")
        let reported = await #expect(throws: PostgresError.self) {
            try await client.execute(
                """
                select skald.checkpoint_failed('', 'ledger', 1, 0, 6, 'seat.held', 'stale', 'projection:ledger:1', \(stale))
                """)
        }
        #expect(reported?.sqlState == "SK007")
        #expect(try await fixture.count("select count(*) from ledger") == 0)
        let position = try await fixture.count("select position from skald.checkpoints")
        try #require(position == 5)
        try await client.batch([Self.advance(5, 9, epoch: fresh)])
        #expect(try await fixture.count("select position from skald.checkpoints") == 9)
    }

    @Test func `PR3: the owner itself cannot raise a checkpoint from where it is not`() async throws {
        try await ProjectionFixture.with(Self.wrongPlace)
    }

    static func wrongPlace(_ fixture: ProjectionFixture) async throws {
        let client = fixture.store.client
        let epoch = try await Self.acquire(client, as: "first")
        try await client.batch([Self.advance(0, 5, epoch: epoch)])
        for (from, to) in [(0, 9), (4, 9), (6, 9), (5, 4)] {
            let error = await #expect(throws: PostgresError.self, "from \(from) to \(to)") {
                try await client.batch([
                    Self.advance(from, to, epoch: epoch),
                    "insert into ledger (position, stream) values (9, 'twice')",
                ])
            }
            #expect(error?.sqlState == (to < from ? "SK003" : "SK010"))
        }
        #expect(try await fixture.count("select count(*) from ledger") == 0)
        #expect(try await fixture.count("select position from skald.checkpoints") == 5)
    }

    @Test func `PR2: a batch that is sent again, because its outcome was unknown, counts once`() async throws {
        try await ProjectionFixture.with(Self.sentAgain)
    }

    static func sentAgain(_ fixture: ProjectionFixture) async throws {
        let client = fixture.store.client
        let epoch = try await Self.acquire(client, as: "first")
        let batch: [SQL] = [
            Self.advance(0, 5, epoch: epoch), "insert into ledger (position, stream) values (5, 'seat-1')",
        ]
        try await client.batch(batch)
        // The answer was lost, and the worker does not know that it was written.
        let error = await #expect(throws: PostgresError.self) { try await client.batch(batch) }
        #expect(error?.sqlState == "SK010")
        #expect(try await fixture.count("select count(*) from ledger") == 1, "PR2: exactly once")
    }

    @Test func `PR3: a checkpoint that was removed cannot be raised from the middle`() async throws {
        try await ProjectionFixture.with(Self.removedCheckpoint)
    }

    static func removedCheckpoint(_ fixture: ProjectionFixture) async throws {
        let epoch = try await Self.acquire(fixture.store.client, as: "first")
        let error = await #expect(throws: PostgresError.self) {
            try await fixture.store.client.batch([Self.advance(5, 9, epoch: epoch)])
        }
        #expect(error?.sqlState == "SK010")
        #expect(try await fixture.count("select count(*) from skald.checkpoints") == 0)
    }

    /// The first worker is cut off (its lease statements get errors from now on) while it is held in the middle of a batch,
    /// as if its process were paused. The second one takes over and goes on; then the first one wakes up.
    @Test func `X2, X3: a worker that was paused for longer than its lease wakes up and writes nothing`() async throws {
        try await EmbeddedPostgres.with { server in
            try await ProjectionFixture.with(on: server) { fixture in
                let database = fixture.database
                // The server is this test's own, and so are its roles.
                try await database.psql("create role cut_off login in role skald_writer")
                let cutOff = server.connectionString(database: database.name, user: "cut_off")
                let gate = Gate()
                let last = try await fixture.appendSeats(20)
                try await PostgresClient.with(.init(connectionString: cutOff), logger: .silent) { client in
                    let store = PostgresEventStore(
                        client, configuration: ProjectionFixture.configuration, logger: .silent)
                    try await fixture.running(fixture.worker(SlowLedger(gate: gate), store: store)) {
                        try await eventually("the first worker is in the middle of a batch") { gate.arrivals > 0 }
                        try await database.psql("revoke skald_writer from cut_off")
                        try await fixture.running(fixture.worker(SlowLedger(gate: nil))) {
                            try await fixture.store.projections.wait(
                                for: SlowLedger.self, reaching: last, timeout: .seconds(30))
                            try await database.psql("grant skald_writer to cut_off")
                            gate.open()
                            let more = try await fixture.appendSeats(20)
                            try await fixture.store.projections.wait(
                                for: SlowLedger.self, reaching: more, timeout: .seconds(30))
                        }
                    }
                }
                #expect(try await fixture.ledgerIsExact())
                #expect(
                    try await fixture.count("select epoch from skald.leases where unit like 'projection:slow%'") >= 2)
            }
        }
    }

    private struct SlowLedger: Projection {
        static let name: ProjectionName = "slow-ledger"
        let gate: Gate?
        var handlers: Handlers {
            On(
                SeatEvent.self,
                with: { seat, transaction in
                    await gate?.pass()
                    try await transaction.execute(
                        "insert into ledger (position, stream) values (\(seat.position.rawValue), \(seat.stream.name))")
                })
        }
    }
}
