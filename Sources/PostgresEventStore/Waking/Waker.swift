package import Logging
package import Postgres

/// Carries wake-ups between processes: one coalesced NOTIFY every few milliseconds at most, sent on a connection that
/// appends nothing, because a NOTIFY inside a write transaction takes a lock of the whole cluster until it has
/// committed.
///
/// LISTEN and NOTIFY are hints. Behind a pooler in transaction mode they do not arrive, and readers still poll.
package struct Waker: Sendable {
    let client: PostgresClient
    let channel: String
    /// Raised by this process's own commits.
    package let local: LogSignal
    /// Raised for readers: by this process's commits and by others'.
    package let readers: LogSignal
    let interval: Duration
    let logger: Logger

    package init(
        client: PostgresClient, channel: String, local: LogSignal, readers: LogSignal, interval: Duration,
        logger: Logger
    ) {
        self.client = client
        self.channel = channel
        self.local = local
        self.readers = readers
        self.interval = interval
        self.logger = logger
    }

    /// Tells other processes of this one's commits, until cancelled.
    package func announce() async {
        var announced: UInt64 = 0
        while !Task.isCancelled {
            await local.wait(past: announced, for: .seconds(60))
            let count = local.count
            guard count > announced else { continue }
            announced = count
            do {
                try await client.execute("select pg_notify(\(channel), '')")
            } catch {
                logger.debug("a wake-up could not be sent; readers poll", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: interval)
        }
    }

    /// Raises the readers' signal when another process tells of a commit, until cancelled. Behind a pooler in
    /// transaction mode the client refuses to listen; then readers poll.
    package func listen() async {
        while !Task.isCancelled {
            do {
                for try await _ in client.listen(on: [channel]) { readers.raise() }
                return  // the client was shut down, or this task was cancelled
            } catch {
                if error.code == .unsupported {
                    logger.info("LISTEN is not available on this connection; followers poll")
                    return
                }
                logger.debug("wake-ups do not arrive; readers poll", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
