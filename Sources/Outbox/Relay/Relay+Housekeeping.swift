import Logging
import Postgres
import PostgresEventStore

extension Relay {
    /// Measures the lanes and drops what nobody needs, now and then. Only the holder of the first lane purges: once is enough.
    func keepHouse(_ keeper: LeaseKeeper) async {
        // What was dropped before this process had the lane may have left keys behind.
        var keys: OrderKey? = .first
        while !Task.isCancelled {
            do {
                metrics.observed(
                    try await OutboxStatus.lanes(of: name, statements, client, configuration.statementTimeout))
                metrics.observed(keeper.held)
                if keeper.lease("outbox/\(name)/0") != nil {
                    let dropped = try await purge()
                    if dropped > 0 {
                        logger.info("dropped old partitions", metadata: ["partitions": "\(dropped)"])
                        keys = .first
                    }
                    if let place = keys { keys = try await purgeKeys(after: place) }
                }
            } catch {
                logger.debug("the outbox could not be looked after", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: configuration.housekeepingInterval)
        }
    }

    /// Drops what nobody needs, a partition and a transaction at a time, and 100 at most. Finding out may take long, so it
    /// has a connection to itself: nobody's statement waits behind it.
    private func purge() async throws -> Int {
        let statement = statements.purge(keep: configuration.keep)
        return try await client.withConnection { connection in
            var dropped = 0
            while dropped < 100, !Task.isCancelled {
                let rows = try await connection.query(statement, deadline: configuration.statementTimeout)
                guard try rows.one()[0].decode(Int32.self) > 0 else { break }
                dropped += 1
            }
            return dropped
        }
    }
    /// Removes keys that have no message any more, 100 pages at most. Returns the key to go on from, nil at the end.
    private func purgeKeys(after place: OrderKey) async throws -> OrderKey? {
        var place = place
        var removed = 0
        defer { if removed > 0 { logger.info("removed unused keys", metadata: ["keys": "\(removed)"]) } }
        for _ in 0..<100 where !Task.isCancelled {
            let row = try await client.query(
                statements.purgeKeys(after: place), deadline: configuration.statementTimeout
            ).one()
            let (count, tenant, topic, key) = try row.decode(Int32.self, String?.self, String?.self, String?.self)
            removed += Int(count)
            guard let tenant, let topic, let key else { return nil }
            place = OrderKey(tenant: tenant, topic: topic, key: key)
        }
        return place
    }
}

extension OrderKey {
    /// Before all keys.
    fileprivate static let first = OrderKey(tenant: "", topic: "", key: "")
}
