import Logging
import Outbox
import Postgres
import ServiceLifecycle
import Synchronization

/// Whether the relay finished what was in flight by itself, or had to be stopped.
final class Drain: Sendable {
    let limit: Duration
    private let finished = Atomic(false)

    init(limit: Duration) { self.limit = limit }

    var isComplete: Bool { finished.load(ordering: .relaxed) }

    func finish() { finished.store(true, ordering: .relaxed) }
}

/// The relay, watched: its drain is complete if it ended without having been cancelled.
struct DrainedService: Service {
    private let relay: Relay
    private let client: PostgresClient
    private let drain: Drain

    init(_ relay: Relay, _ client: PostgresClient, _ drain: Drain) {
        self.relay = relay
        self.client = client
        self.drain = drain
    }

    func run() async throws {
        // A group starts its services side by side, and a client that does not run yet refuses everything.
        await cancelWhenGracefulShutdown { try? await client.ready() }
        try await relay.run()
        if !Task.isCancelled { drain.finish() }
    }
}

/// Tells the supervisor when the relay can work, that it still does, and that it ends.
struct Announcer: Service {
    private let readiness: Readiness
    private let notifier: ServiceNotifier
    private let drain: Drain
    private let logger: Logger

    init(_ readiness: Readiness, _ notifier: ServiceNotifier, _ drain: Drain, _ logger: Logger) {
        self.readiness = readiness
        self.notifier = notifier
        self.drain = drain
        self.logger = logger
    }

    func run() async throws {
        // Ended by the graceful shutdown, which cancels the task inside and not this one.
        await cancelWhenGracefulShutdown { await announce() }
        readiness.drain()
        notifier.stopping(status: "draining")
        logger.info("draining", metadata: ["limit": "\(DurationText.format(drain.limit))"])
    }

    private func announce() async {
        let interval = notifier.watchdogInterval.map { $0 / 2 } ?? .seconds(1)
        while !Task.isCancelled {
            if await readiness.report().isReady { break }
            notifier.alive()  // systemd's own start time-out bounds this, not the watchdog
            try? await Task.sleep(for: min(interval, .milliseconds(200)))
        }
        guard !Task.isCancelled else { return }
        logger.info("ready")
        notifier.ready(status: "ready")
        while !Task.isCancelled {
            notifier.alive()
            try? await Task.sleep(for: interval)
        }
    }
}
