import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// X1, X2: the database refuses who lost a lease, and the order of guard, renewal and takeover.
@Suite struct LeaseFenceTests {
    private func withClient(_ body: (PostgresClient, TestDatabase) async throws -> Void) async throws {
        try await withTestDatabase(.skald) { database in
            try await database.withClient { try await body($0, database) }
        }
    }

    private static func acquire(
        _ client: PostgresClient, _ owner: String, milliseconds: Int = 100
    ) async throws -> Int64? {
        try await client.query(
            "select epoch from skald.lease_acquire(array['unit'], \(owner), make_interval(secs => \(Double(milliseconds) / 1000)), 1)"
        ).first?[0].decode(Int64.self)
    }

    private static func renew(
        _ client: PostgresClient, _ owner: String, _ epoch: Int64, seconds: Double = 0.1
    ) async throws -> Bool {
        try await client.query(
            "select unit from skald.lease_renew(\(owner), array['unit'], array[\(epoch)], make_interval(secs => \(seconds)))"
        ).count == 1
    }

    @Test func `X1: every change of hands raises the epoch, a renewal does not`() async throws {
        try await withClient { client, _ in try await Self.changesOfHands(client) }
    }

    static func changesOfHands(_ client: PostgresClient) async throws {
        var epochs: [Int64] = []
        for owner in ["a", "b", "a"] {
            try await eventually("the lease before it ends") {
                guard let epoch = try await Self.acquire(client, owner) else { return false }
                epochs.append(epoch)
                return true
            }
            #expect(try await Self.renew(client, owner, try #require(epochs.last)))
        }
        #expect(epochs == [1, 2, 3])
    }

    @Test func `an owner that missed the answer to its acquisition takes the unit at once, under another epoch`()
        async throws
    {
        try await withClient { client, _ in
            var epochs: [Int64?] = []
            for owner in ["a", "b", "a"] { epochs.append(try await Self.acquire(client, owner, milliseconds: 600_000)) }
            #expect(epochs == [1, nil, 2])
            let error = await #expect(throws: PostgresError.self) {
                try await client.execute("select skald.lease_guard('unit', 1)")
            }
            #expect(error?.sqlState == "SK007")
        }
    }

    @Test func `X2: a guarded write of the former owner is refused after a takeover, the new owner's is not`()
        async throws
    {
        try await withClient { client, _ in try await Self.staleWrite(client) }
    }

    static func staleWrite(_ client: PostgresClient) async throws {
        let stale = try #require(try await Self.acquire(client, "a"))
        var fresh: Int64 = 0
        try await eventually("it is taken over") {
            fresh = try await Self.acquire(client, "b") ?? 0
            return fresh > 0
        }
        let error = await #expect(throws: PostgresError.self) {
            try await client.execute("select skald.lease_guard('unit', \(stale))")
        }
        #expect(error?.sqlState == "SK007")
        await #expect(throws: PostgresError.self) {
            try await client.execute("select skald.lease_guard(array['unit', 'unit'], array[\(fresh), \(stale)])")
        }
        try await client.execute("select skald.lease_guard('unit', \(fresh))")
        try await client.execute("select skald.lease_guard(array['unit'], array[\(fresh)])")
        #expect(try await !Self.renew(client, "a", stale))
    }

    @Test func `X2: a takeover waits for the guarded write that is open, and a renewal does not`() async throws {
        try await withClient { client, _ in try await Self.openWrite(client) }
    }

    static func openWrite(_ client: PostgresClient) async throws {
        let epoch = try #require(try await Self.acquire(client, "a"))
        try await client.withTransaction { slow in
            try await slow.execute("select skald.lease_guard('unit', \(epoch))")
            #expect(try await Self.renew(client, "a", epoch), "the renewal passes")
            try await eventually("the lease has ended") {
                try await client.query("select 1 from skald.lease_status where remaining < '0'").count == 1
            } asking: {
                let taken = try await Self.acquire(client, "b")
                try #require(taken == nil, "nobody else has it while the write is open")
            }
            #expect(try await Self.acquire(client, "b") == nil, "ended, and still not taken")
        }
        #expect(try await Self.acquire(client, "b") == epoch + 1)
    }

    @Test func `X2: a unit that is being written holds up no other unit`() async throws {
        try await withClient { client, _ in
            let epoch = try #require(try await Self.acquire(client, "a"))
            try await client.withTransaction { slow in
                try await slow.execute("select skald.lease_guard('unit', \(epoch))")
                let taken = try await client.query(
                    "select unit from skald.lease_acquire(array['unit', 'other'], 'b', interval '1 s', 10)"
                ).decode(String.self)
                #expect(taken == ["other"])
            }
        }
    }

    @Test func `X4: a lease that is given back is free at once`() async throws {
        try await withClient { client, _ in try await Self.givenBack(client) }
    }

    static func givenBack(_ client: PostgresClient) async throws {
        let epoch = try #require(try await Self.acquire(client, "a", milliseconds: 60_000))
        #expect(try await Self.acquire(client, "b") == nil)
        try await client.execute("select skald.lease_release('a', array['unit'], array[\(epoch)])")
        #expect(try await Self.acquire(client, "b") == epoch + 1)
        try await client.execute("select skald.lease_release('a', array['unit'], array[\(epoch)])")
        #expect(try await Self.acquire(client, "c") == nil, "who does not own it gives nothing back")
    }

    @Test func `renewals are heap-only updates`() async throws {
        try await withClient { client, database in
            let epoch = try #require(try await Self.acquire(client, "a", milliseconds: 60_000))
            for _ in 0..<50 { _ = try await Self.renew(client, "a", epoch, seconds: 60) }
            try await eventually("the statistics arrive") {
                try await database.psql(
                    "select n_tup_upd >= 51 and n_tup_upd - n_tup_hot_upd <= 2 from pg_stat_user_tables where relname = 'leases'"
                ) == "t"
            }
        }
    }

    @Test func `an owner without a name and a lease without an end are refused in words`() async throws {
        try await withClient { client, _ in
            for call in [
                "lease_acquire(array['u'], '', interval '1 s', 1)", "lease_acquire(array['u'], 'a', interval '2 h', 1)",
            ] {
                let error = await #expect(throws: PostgresError.self) {
                    try await client.query(SQL(unescaped: "select * from skald.\(call)"))
                }
                #expect(error?.sqlState == "SK003")
            }
        }
    }
}
