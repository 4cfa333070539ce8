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
                    let rows = try await client.query(
                        statements.purge(keep: configuration.keep), deadline: configuration.statementTimeout)
                    let dropped = try rows.one()[0].decode(Int32.self)
                    if dropped > 0 { logger.info("dropped old partitions", metadata: ["partitions": "\(dropped)"]) }
                }
            } catch {
                logger.debug("the outbox could not be looked after", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: configuration.housekeepingInterval)
        }
    }
}
