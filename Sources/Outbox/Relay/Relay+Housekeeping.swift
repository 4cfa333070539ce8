import Logging
import Postgres
import PostgresEventStore

extension Relay {
    /// Measures the lanes and drops what nobody needs, now and then. Only the holder of the first lane purges: once is enough.
    func keepHouse(_ keeper: LeaseKeeper) async {
        while !Task.isCancelled {
            do {
                metrics.observed(
                    try await OutboxStatus.lanes(of: name, statements, client, configuration.statementTimeout))
                metrics.observed(keeper.held)
                if keeper.lease("outbox/\(name)/0") != nil {
                    let dropped = try await purge()
                    if dropped > 0 { logger.info("dropped old partitions", metadata: ["partitions": "\(dropped)"]) }
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
}
