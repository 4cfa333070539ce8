import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import SinkHTTP
import Skald

/// What the scenarios play on: the services, and a look into each of their databases.
struct Stage: Sendable {
    let fleet: Fleet
    let narrator: Narrator
    let databases: [ServiceName: PostgresClient]
    /// Connects to the orders' database as one who may look and help, and no more.
    let visitorURL: String

    /// The sagas, as an operator sees them.
    var sagas: Sagas { Sagas(PostgresEventStore(database(.orders), logger: .silent), logger: .silent) }

    func database(_ service: ServiceName) -> PostgresClient {
        guard let client = databases[service] else { preconditionFailure("every service has a database") }
        return client
    }

    func instance(_ service: ServiceName, _ number: Int = 1) -> Fleet.Instance {
        guard let instance = fleet.instances.first(where: { $0.service == service && $0.number == number }) else {
            preconditionFailure("there is no \(service)-\(number)")
        }
        return instance
    }

    // MARK: Processes

    func start(_ instances: [Fleet.Instance]) async throws {
        for instance in instances { try await fleet.start(instance) }
        for instance in instances {
            try await until("\(instance) serves", within: .seconds(20)) {
                guard await fleet.isRunning(instance) else {
                    throw DemoError("\(instance) has ended. Its last words:\n\(await fleet.log(of: instance))")
                }
                return (try? await send(.GET, instance, "/health")) == 200
            }
        }
    }

    // MARK: Requests

    /// Orders a trip, as a customer would: tries again until the order is taken. An answer that will be the same the next
    /// time, such as that the booking is somebody else's, is an error at once.
    func order(_ order: Orders.Order, at first: Int = 1) async throws {
        var number = first
        try await until("the order \(order.booking ?? "") is taken") {
            defer { number = 3 - number }
            guard let answer = try? await ask(.POST, instance(.orders, number), "/trips", order) else { return false }
            guard !(400..<500).contains(answer.status) else {
                throw DemoError("the order was refused (\(answer.status)): \(answer.text)")
            }
            return answer.status == 202
        }
    }

    func fill(_ stock: Stock.Request) async throws {
        guard try await send(.POST, instance(.inventory), "/stock", stock) == 201 else {
            throw DemoError("inventory did not take its stock")
        }
    }

    func arm(_ faults: [Fault], at instance: Fleet.Instance) async throws {
        guard try await send(.PUT, instance, "/faults", faults) == 204 else {
            throw DemoError("\(instance) did not take its faults")
        }
    }

    /// Cancels a trip, as a customer would: asks again until the answer is there.
    func cancel(_ booking: BookingID, at first: Int = 1) async throws {
        var number = first
        try await until("the cancellation of \(booking) is taken") {
            defer { number = 3 - number }
            let path = "/trips/\(booking)/cancel"
            guard let answer = try? await ask(.POST, instance(.orders, number), path) else { return false }
            guard !(400..<500).contains(answer.status) else {
                throw DemoError("the cancellation was refused (\(answer.status)): \(answer.text)")
            }
            return answer.status == 202
        }
    }

    /// Sends a request.
    ///
    /// - Returns: the status of the answer.
    @discardableResult
    func send(
        _ method: HTTPMethod, _ instance: Fleet.Instance, _ path: String, _ body: (any Encodable & Sendable)? = nil
    ) async throws -> Int {
        try await ask(method, instance, path, body).status
    }

    func ask(
        _ method: HTTPMethod, _ instance: Fleet.Instance, _ path: String, _ body: (any Encodable & Sendable)? = nil
    ) async throws -> (status: Int, text: String) {
        var request = HTTPClientRequest(url: instance.url + path)
        request.method = method
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
        }
        let response = try await HTTPSink.standardClient.execute(request, timeout: .seconds(5))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        return (Int(response.status.code), text)
    }

    // MARK: Waiting

    /// Waits until a condition holds.
    func until(
        _ what: String, within limit: Duration = .seconds(30), every pause: Duration = .milliseconds(20),
        _ condition: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        while try await !condition() {
            guard ContinuousClock.now < end else { throw DemoError("waited \(limit.inWords) in vain until \(what)") }
            try await Task.sleep(for: pause)
        }
    }

    /// Tells a trip's story as it happens, until it has ended.
    ///
    /// - Returns: how it ended, and the history.
    @discardableResult
    func tell(_ booking: BookingID, of saga: SagaName = BookTrip.name) async throws -> [SagaEvent] {
        var told = 0
        var history: [Recorded<SagaEvent>] = []
        try await until("\(booking) has ended") {
            history = try await sagas.history(of: saga, id: SagaID(rawValue: booking))
            for recorded in history.dropFirst(told) {
                let since = recorded.recordedAt.timeIntervalSince(history[0].recordedAt)
                narrator.tell(recorded.event, after: .milliseconds(Int(since * 1_000)))
            }
            told = history.count
            return history.last?.event == .completed || history.last?.event == .compensated
        }
        return history.map(\.event)
    }
}

extension Narrator {
    /// An event of a saga as a line; intents and repetitions are left out.
    func tell(_ event: SagaEvent, after time: Duration) {
        let time = time.inWords
        switch event {
        case .stepSucceeded(let step, let attempt, _):
            line("✓", "\(step)\(attempt > 1 ? " (attempt \(attempt))" : "")", time, style: .good)
        case .stepPassedOver(let step): line("·", "\(step) is not wanted", time, style: .dim)
        case .stepFailed(let step, _, let error, _): line("✗", "\(step): \(error)", time, style: .bad)
        case .attemptFailed(let step, _, let error, _, _, _): line("…", "\(step): \(error)", time, style: .dim)
        case .stepUndone(let step, _): line("↩", "\(step) is undone", time)
        case .attentionNeeded(let step, _, let reason):
            line("!", "\(step) needs attention: \(reason)", time, style: .bad)
        case .completed: line("■", "completed", time, style: .good)
        case .compensated: line("■", "compensated: nothing is left of it", time, style: .good)
        default: break
        }
    }
}

extension Logger {
    static let silent = Logger(label: "booking.demo") { _ in SwiftLogNoOpLogHandler() }
}
