import HTTPTypes
import Hummingbird
import Logging
import PrometheusMetrics
import ServiceLifecycle

/// Answers probes and scrapes, on a port of its own.
enum HealthServer {
    static func make(
        host: String, port: Int, readiness: Readiness, metrics: PrometheusRegistry, logger: Logger
    ) -> some Service {
        let server = Application(
            router: router(readiness, metrics),
            configuration: .init(address: .hostname(host, port: port), serverName: "outbox-relay"),
            onServerRunning: { channel in
                let address =
                    channel.localAddress.map { "\($0.ipAddress ?? host):\($0.port ?? port)" } ?? "\(host):\(port)"
                logger.info("health and metrics are served", metadata: ["address": "\(address)"])
            }, logger: logger)
        return Serving(server: server, address: "\(host):\(port)")
    }

    /// The server, whose failure says what could not be served.
    private struct Serving<Server: ApplicationProtocol>: Service {
        let server: Server
        let address: String

        func run() async throws {
            do {
                try await server.run()
            } catch {
                throw StartFailure(
                    .configuration, "\(address) cannot be served", why: "\(error)",
                    next: "choose another health.port or health.host")
            }
        }
    }

    private static func router(_ readiness: Readiness, _ metrics: PrometheusRegistry) -> Router<BasicRequestContext> {
        let router = Router()
        // Alive: the event loop took the request, and a task ran to answer it. No dependency is asked: a database that is
        // down must not restart every relay.
        for path in ["/livez", "/healthz"] {
            router.get(RouterPath(path)) { _, _ in answer(.ok, "alive\n") }
        }
        router.get("/readyz") { request, _ in
            let report = await readiness.report()
            let verbose = request.uri.queryParameters["verbose"] != nil
            return answer(report.isReady ? .ok : .serviceUnavailable, report.text(verbose: verbose))
        }
        router.get("/metrics") { _, _ in
            answer(.ok, metrics.exposition(), type: PrometheusRegistry.contentType)
        }
        return router
    }

    private static func answer(
        _ status: HTTPResponse.Status, _ text: String, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
