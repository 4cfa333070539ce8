import Logging
import Metrics
import Outbox
import Postgres
import PostgresEventStore
import PrometheusMetrics
import ServiceLifecycle
import SinkHTTP
import UnixSignals

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Puts the parts together, checks that they can work, and runs them until a signal asks for the end.
struct Daemon: Sendable {
    private let settings: RelaySettings
    private let databaseOrigin: String
    private let notifier = ServiceNotifier(environment: ProcessInfo.processInfo.environment)

    /// - Parameter databaseOrigin: where `database.url` came from, for the error when it leads nowhere.
    init(_ settings: RelaySettings, databaseOrigin: String) {
        self.settings = settings
        self.databaseOrigin = databaseOrigin
    }

    func run() async throws {
        let format = settings.logFormat ?? (StandardOutput.isTerminal ? .text : .json)
        let level = settings.logLevel
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level, format: format) }
        let registry = RelayMetrics.registry
        MetricsSystem.bootstrap(registry)
        try await run(registry, Logger(label: "outbox-relay"))
    }

    private func run(_ registry: PrometheusRegistry, _ logger: Logger) async throws {
        try await requireDatabase(logger)
        let client = PostgresClient(clientConfiguration, logger: logger)
        let migrator = try Migrator(client, schema: settings.schema)
        let readiness = Readiness(client, migrator: migrator, schema: settings.schema, sink: settings.sinkName)
        let drain = Drain(limit: settings.drainTimeout)
        let relay = Relay(
            SinkName(settings.sinkName), client: client, sink: sink, configuration: settings.relay, logger: logger)
        let health = HealthServer.make(
            host: settings.healthHost, port: settings.healthPort, readiness: readiness, metrics: registry,
            logger: logger)
        // They end in the opposite order: first it is said that the end has come, last goes what answers probes.
        let services: [any Service] = [
            health, client, DrainedService(relay, client, drain), Announcer(readiness, notifier, drain, logger),
        ]
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = settings.drainTimeout
        configuration.maximumCancellationDuration = .seconds(5)
        logger.info(
            "starting",
            metadata: ["sink": "\(settings.sinkName)", "url": "\(Masking.address(settings.sinkURL))"])
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as PostgresError {
            throw StartFailure(error, origin: databaseOrigin)
        }
        guard drain.isComplete else {
            throw StartFailure(
                .drainTimeout,
                "not everything in flight was finished within \(DurationText.format(settings.drainTimeout))",
                why: "what was not acknowledged will be sent again; nothing is lost",
                next: "consider a longer drain.timeout")
        }
        logger.info("ended")
    }

    private var clientConfiguration: PostgresClient.Configuration {
        var configuration = PostgresClient.Configuration(connectionString: settings.databaseURL)
        configuration.applicationName = "outbox-relay"
        return configuration
    }

    private var sink: HTTPSink {
        var configuration = HTTPSink.Configuration()
        configuration.timeout = settings.sinkTimeout
        configuration.concurrency = settings.concurrency
        if let token = settings.sinkToken { configuration.headers = [("authorization", "Bearer \(token)")] }
        return HTTPSink(endpoint: settings.sinkURL, configuration: configuration)
    }

    /// What cannot work is said at once, and in full, rather than by a relay that tries for ever.
    private func requireDatabase(_ logger: Logger) async throws {
        do {
            try await PostgresClient.with(clientConfiguration, logger: logger) { client in
                try await Migrator(client, schema: settings.schema).requireCurrent()
                if let missing = try await Readiness.missingRight(client, settings.schema, .seconds(5)) {
                    throw StartFailure(
                        .refused, missing,
                        next: "run as an administrator: grant \(settings.schema.name)_writer to that role")
                }
            }
        } catch let error as PostgresError {
            throw StartFailure(error, origin: databaseOrigin)
        } catch let error as MigrationError {
            throw StartFailure(error, origin: databaseOrigin)
        }
    }
}
