import Logging
import Postgres
import Synchronization

/// Whether the schema is what this program needs: asked at the start of a store, and again until the database answers.
final class SchemaCheck: Sendable {
    private let found = Mutex<MigrationError?>(nil)
    private let end = LogSignal()

    /// What does not fit; nil where all does, or nothing is known yet.
    var problem: MigrationError? { found.withLock { $0 } }

    /// Asks until the database has answered, or the task is cancelled.
    func look(at store: PostgresEventStore.Configuration, through client: PostgresClient, logger: Logger) async {
        defer { end.raise() }
        while !Task.isCancelled {
            do {
                try await client.ready()
                return try await Migrator(client, schema: store.schema).requireCurrent()
            } catch let error as MigrationError where error.code != .database {
                return found.withLock { $0 = error }
            } catch {
                logger.debug("the schema could not be looked at", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: store.pollInterval)
            }
        }
    }

    /// Returns when the database has answered, the time is up, or nobody wants to know any more.
    func answered(within time: Duration) async { await end.wait(past: 0, for: time) }

    func stopWaiting() { end.raise() }
}
