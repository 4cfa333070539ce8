import Postgres
import SkaldTesting
import Testing

/// The sessions of a story: one that stops at gates, and one that does not.
struct Stage: Sendable {
    let gated: PostgresClient
    let free: PostgresClient

    let way: Way

    /// The functions that append, each with a marker and a draw of its own.
    enum Way: String, CaseIterable, CustomTestStringConvertible {
        /// `append_one`, through the public `append`.
        case alone
        /// `append_group`, with two members.
        case grouped
        /// `begin_stream`.
        case begun

        var testDescription: String { rawValue }
        /// How many events, one to a stream, an append writes.
        var events: Int64 { self == .grouped ? 2 : 1 }
    }

    func append(_ stream: String, gated isGated: Bool = false) async throws {
        let client = isGated ? gated : free
        switch way {
        case .alone:
            try await client.query(#"select skald.append(\#(stream), -1, '[{"type": "t", "data": 1}]')"#)
        case .begun:
            let rows = try await client.query(
                """
                select skald.begin_stream('', \(stream), gen_random_uuid(), gen_random_uuid(), 't', '1', null, null)
                    as position
                """)
            #expect(try rows[0].decode("position", as: Int64?.self) != nil)
        case .grouped:
            let (first, second) = (stream + "-1", stream + "-2")
            let rows = try await client.query(
                """
                select status from skald.append_group('', array[\(first), \(second)], array[-1, -1],
                    array[gen_random_uuid(), gen_random_uuid()], array[false, false], array[1, 2], array['t', 't'],
                    array['1', '1']::jsonb[], array[null, null]::jsonb[], array[null, null]::text[],
                    array[gen_random_uuid(), gen_random_uuid()])
                """)
            #expect(try rows.map { try $0[0].decode(Int16.self) } == [0, 0])
        }
    }

    /// Reads everything, as a reader without a cursor, and says which positions it was given.
    func read(gated isGated: Bool = false) async throws -> [Int64] {
        let rows = try await (isGated ? gated : free).query("select position from skald.read_all()")
        return try rows.map { try $0.decode("position", as: Int64.self) }
    }
}

/// Shuts gates and opens them: a session that holds their locks.
struct GateKeeper {
    let connection: PostgresConnection

    func shut(_ gate: BrokenLog.Gate) async throws {
        try await connection.query("select pg_advisory_lock(\(BrokenLog.Gate.space), \(gate.rawValue))")
    }

    func open(_ gate: BrokenLog.Gate) async throws {
        try await connection.query("select pg_advisory_unlock(\(BrokenLog.Gate.space), \(gate.rawValue))")
    }

    func waitForSomebody(at gate: BrokenLog.Gate) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        let waiting: SQL = """
            select count(*) > 0 as is_there from pg_locks
             where locktype = 'advisory' and not granted and classid::bigint = \(Int64(BrokenLog.Gate.space))
               and objid::bigint = \(Int64(gate.rawValue))
               and database = (select oid from pg_database where datname = current_database())
            """
        while try await !connection.query(waiting)[0].decode("is_there", as: Bool.self) {
            try #require(ContinuousClock.now < deadline, "nobody came to the gate \(gate)")
            await Task.yield()
        }
    }
}
