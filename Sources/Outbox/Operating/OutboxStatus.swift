import Postgres
import PostgresEventStore

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How one lane of a sink stands.
public struct OutboxStatus: Sendable, Hashable {
    /// The sink's name.
    public let sink: SinkName
    /// The lane's number, from 0.
    public let lane: Int
    /// Where the cursor stands: everything before it is acknowledged, or its key is blocked.
    public let position: Int64
    /// How far the outbox is final.
    public let watermark: Int64
    /// Messages that are not acknowledged: those beyond the cursor and those of blocked keys. Counted up to 1,000 per bucket
    /// and per key.
    public let pending: Int64
    /// When the oldest of them was enqueued.
    public let oldest: Date?
    /// Blocked keys that are tried again by themselves.
    public let retryingKeys: Int64
    /// Blocked keys that wait for an operator.
    public let parkedKeys: Int64
    /// Who works on the lane; nil: nobody.
    public let owner: String?
    /// How long that lease still lasts, in seconds; negative: it has ended.
    public let leaseRemaining: Double?

    static func lanes(
        of sink: SinkName?, _ statements: OutboxStatements, _ client: PostgresClient, _ deadline: Duration
    ) async throws(PostgresError) -> [OutboxStatus] {
        var lanes: [OutboxStatus] = []
        for row in try await client.query(statements.status(sink), deadline: deadline) {
            lanes.append(try OutboxStatus(row))
        }
        return lanes
    }

    private init(_ row: Row) throws(PostgresError) {
        sink = SinkName(try row[0].decode(String.self))
        lane = Int(try row[1].decode(Int32.self))
        position = try row[2].decode(Int64.self)
        watermark = try row[3].decode(Int64.self)
        pending = try row[4].decode(Int64.self)
        oldest = try row[5].decode(Date?.self)
        retryingKeys = try row[6].decode(Int64.self)
        parkedKeys = try row[7].decode(Int64.self)
        owner = try row[8].decode(String?.self)
        leaseRemaining = try row[10].decode(Double?.self)
    }
}
