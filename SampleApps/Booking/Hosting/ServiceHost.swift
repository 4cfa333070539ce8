import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import SinkHTTP
import Skald
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What every service is made of: its database, its event store, a relay to each of its peers, and an HTTP server.
struct ServiceHost: Sendable {
    let options: ServiceOptions
    let client: PostgresClient
    let store: PostgresEventStore
    let relays: [Relay]
    let faults = Faults()
    let logger: Logger

    init(_ options: ServiceOptions) {
        var logger = Logger(label: "booking.\(options.service.rawValue)")
        logger.logLevel =
            ProcessInfo.processInfo.environment["LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .notice
        self.options = options
        self.logger = logger
        let client = PostgresClient(.init(connectionString: options.url), logger: logger)
        self.client = client
        store = PostgresEventStore(client, logger: logger)
        relays = options.service.sendsTo.map { peer in
            var configuration = Relay.Configuration()
            configuration.topics = [peer.rawValue]
            configuration.lanes = 2
            configuration.leases = options.leases
            configuration.circuitBackoff = RelayBackoff(first: .milliseconds(100), longest: .seconds(1))
            let sinks = options.urls(of: peer).map { HTTPSink(endpoint: "\($0)/messages") }
            return Relay(
                SinkName(peer.rawValue), client: client, sink: FirstReachable(instances: sinks),
                configuration: configuration, logger: logger)
        }
    }

    /// Runs until it is asked to end (SIGTERM), and then finishes what is in flight.
    ///
    /// - Parameters:
    ///   - receive: takes one message that has arrived; when it returns, that is durable.
    ///   - projections: what it shows to readers.
    ///   - services: what this service runs beside the common parts.
    ///   - routes: what this service serves beside the common routes.
    func run(
        receive: @escaping @Sendable (ReceivedEvent) async throws -> Void, projections: [any Projection],
        services: [any Service] = [],
        routes: (Router<BasicRequestContext>) -> Void = { _ in }
    ) async throws {
        let router = Router()
        router.get("/health") { _, _ in
            await store.ready()  // it looks at the schema first, and takes no appends until then
            _ = try await client.query("select 1", deadline: .seconds(2))
            return HTTPResponse.Status.ok
        }
        router.post("/messages") { request, _ in try await take(request, receive) }
        router.put("/faults") { request, context in  // the demo's switch, see Fault
            faults.arm(try await request.decode(as: [Fault].self, context: context))
            return HTTPResponse.Status.noContent
        }
        routes(router)
        let server = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: options.port)), logger: logger)
        var configuration = ProjectionWorker.Configuration()
        configuration.leases = options.leases
        let projector = try ProjectionWorker(
            store, running: projections, configuration: configuration, logger: logger)
        // They end in the opposite order: the server first, the client last.
        var all: [any Service] = [client, store, projector] + relays + services + [server]
        if let parent = options.parent { all.append(ParentWatch(parent: parent)) }
        try await ServiceGroup(services: all, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger).run()
    }

    /// Sends at once what a commit has enqueued, instead of at the next poll.
    func wakeRelays() { for relay in relays { relay.wake() } }

    private func take(
        _ request: Request, _ receive: @Sendable (ReceivedEvent) async throws -> Void
    ) async throws -> Response {
        let event: ReceivedEvent
        do {
            event = try await ReceivedEvent(request)
        } catch let error as ReceivedEventError {
            throw HTTPError(.badRequest, message: "\(error)")
        }
        let fault = faults.next(for: event.type)
        switch fault {
        case .lose: return Response(status: .serviceUnavailable)
        case .slow: try await Task.sleep(for: .milliseconds(300))
        default: break
        }
        do {
            try await Fault.$current.withValue(fault) {
                try await receive(event)
                if fault == .twice { try await receive(event) }
            }
        } catch let error as UnknownMessage {
            throw HTTPError(.notFound, message: error.description)
        }
        wakeRelays()
        return Response(status: fault == .forget ? .serviceUnavailable : .noContent)
    }
}

extension Fault {
    /// What goes wrong with the message in hand.
    @TaskLocal static var current: Kind?

    /// The moment at which the process dies, if it is to.
    static func mayCrash() {
        if current == .crash { kill(getpid(), SIGKILL) }
    }
}

extension ReceivedEvent {
    init(_ request: Request) async throws {
        let body = try await request.body.collect(upTo: 1 << 20)
        try self.init(
            headers: request.headers.map { (name: $0.name.rawName, value: $0.value) }, data: Array(buffer: body))
    }
}
