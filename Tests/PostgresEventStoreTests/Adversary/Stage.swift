import Postgres
import SkaldTesting
import Testing

/// The sessions of a story: one that stops at gates, and one that does not.
struct Stage: Sendable {
    let gated: PostgresClient
    let owner: PostgresClient

    func append(_ stream: String, gated isGated: Bool = false) async throws {
        try await (isGated ? gated : owner).query(
            #"select skald.append(\#(stream), -1, '[{"type": "t", "data": 1}]')"#)
    }

    /// Reads everything, as a reader without a cursor, and says which positions it was given.
    func read(gated isGated: Bool = false) async throws -> [Int64] {
        let rows = try await (isGated ? gated : owner).query("select position from skald.read_all()")
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
