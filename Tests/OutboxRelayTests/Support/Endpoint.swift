import Hummingbird
import Logging
import Outbox
import ServiceLifecycle
import SkaldTesting
import Synchronization

/// A real HTTP endpoint that a relay posts to: it keeps every request, in the order of arrival, and answers as it is told.
final class Endpoint: Sendable {
    struct Delivery: Sendable, Hashable {
        let event: ReceivedEvent
        let authorization: String?
        let status: Int

        var key: String { event.extensions["partitionkey"] ?? "" }
        var version: Int { event.extensions["sequence"].flatMap(Int.init) ?? 0 }
        var text: String { String(decoding: event.data, as: UTF8.self) }
    }

    typealias Answer = @Sendable (ReceivedEvent) async throws -> Int

    private struct State: Sendable {
        var deliveries: [Delivery] = []
        var arrived = 0
        var answer: Answer
    }

    private let state: Mutex<State>
    private let port = Mutex(0)

    private init(_ answer: @escaping Answer) {
        state = Mutex(State(answer: answer))
    }

    /// Serves until `body` is done.
    static func with<R: Sendable>(
        _ answer: @escaping Answer = { _ in 204 }, _ body: (Endpoint) async throws -> R
    ) async throws -> R {
        let endpoint = Endpoint(answer)
        let (bound, announce) = AsyncStream<Int>.makeStream()
        let router = Router()
        router.post("/events") { request, _ in try await endpoint.receive(request) }
        let server = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in announce.yield(channel.localAddress?.port ?? 0) }, logger: .silent)
        return try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            for await port in bound {
                endpoint.port.withLock { $0 = port }
                break
            }
            defer { group.cancelAll() }
            return try await body(endpoint)
        }
    }

    var url: String { "http://127.0.0.1:\(port.withLock { $0 })/events" }

    /// What was received and answered, in the order of the answers.
    var deliveries: [Delivery] { state.withLock { $0.deliveries } }

    /// What was acknowledged, duplicates included.
    var acknowledged: [Delivery] { deliveries.filter { $0.status == 204 } }

    /// How many requests have come in, answered or not.
    var arrived: Int { state.withLock { $0.arrived } }

    func answer(_ answer: @escaping Answer) { state.withLock { $0.answer = answer } }

    private func receive(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: 1 << 20)
        let headers = request.headers.map { (name: $0.name.rawName, value: $0.value) }
        let event = try ReceivedEvent(headers: headers, data: Array(body.readableBytesView))
        let answer = state.withLock { state in
            state.arrived += 1
            return state.answer
        }
        let status = try await answer(event)
        let delivery = Delivery(event: event, authorization: request.headers[.authorization], status: status)
        state.withLock { $0.deliveries.append(delivery) }
        return Response(status: .init(code: status), body: .init(byteBuffer: ByteBuffer(string: "said the test")))
    }
}
