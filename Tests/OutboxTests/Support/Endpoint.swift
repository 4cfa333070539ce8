import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Outbox
import SkaldTesting

/// A real HTTP server on a port of its own that takes CloudEvents at `/events` and answers as the test says.
enum Endpoint {
    typealias Answer = @Sendable (ReceivedEvent) async throws -> HTTPResponse.Status

    /// Runs the server for as long as `body` runs, which gets its port.
    ///
    /// - Parameter port: 0: any that is free.
    static func with<R: Sendable>(
        port: Int = 0, _ answer: @escaping Answer, body: (_ port: Int) async throws -> R
    ) async throws -> R {
        try await withResponse(port: port, { Response(status: try await answer($0)) }, body: body)
    }

    /// The same, for answers that are more than a status.
    static func withResponse<R: Sendable>(
        port: Int = 0, _ answer: @escaping @Sendable (ReceivedEvent) async throws -> Response,
        body: (_ port: Int) async throws -> R
    ) async throws -> R {
        let router = Router()
        router.post("events") { request, _ -> Response in
            let data = try await request.body.collect(upTo: 2 << 20)
            let headers = request.headers.map { (name: $0.name.rawName, value: $0.value) }
            do {
                return try await answer(ReceivedEvent(headers: headers, data: Array(buffer: data)))
            } catch is ReceivedEventError {
                return Response(status: .badRequest)
            }
        }
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let server = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { announce.yield($0.localAddress?.port ?? -1) }, logger: .silent)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            guard let port = await ports.first(where: { _ in true }) else {
                throw DidNotHappen(what: "the endpoint has a port")
            }
            return try await body(port)
        }
    }

    static func url(_ port: Int) -> String { "http://127.0.0.1:\(port)/events" }
}
