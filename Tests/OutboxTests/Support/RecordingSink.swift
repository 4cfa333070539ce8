import Outbox
import Synchronization

/// A sink that keeps what it was given, in the order in which it was given, and answers as the test says.
///
/// What stands in `deliveries` has reached the other side, whatever the relay is told about it: an outcome that is
/// unknown to the relay may well be a delivery.
final class RecordingSink: Sink {
    struct Unreachable: Error {}

    struct Delivery: Sendable {
        let message: OutboundMessage
        let result: PublishResult
    }

    typealias Answer = @Sendable (OutboundMessage) async throws -> PublishResult

    private struct State: Sendable {
        var deliveries: [Delivery] = []
        var calls = 0
        var isReachable = true
        var answer: Answer
    }

    private let state: Mutex<State>

    init(_ answer: @escaping Answer = { _ in .acknowledged }) {
        state = Mutex(State(answer: answer))
    }

    /// How often it was called, reachable or not.
    var calls: Int { state.withLock { $0.calls } }

    var isReachable: Bool {
        get { state.withLock { $0.isReachable } }
        set { state.withLock { $0.isReachable = newValue } }
    }

    var deliveries: [Delivery] { state.withLock { $0.deliveries } }

    var acknowledged: [OutboundMessage] {
        deliveries.filter { $0.result == .acknowledged }.map(\.message)
    }

    func answer(_ answer: @escaping Answer) {
        state.withLock { $0.answer = answer }
    }

    func publish(_ messages: [OutboundMessage]) async throws -> [PublishResult] {
        let answer = state.withLock { state in
            state.calls += 1
            return state.answer
        }
        var results: [PublishResult] = []
        for message in messages {
            guard isReachable else { throw Unreachable() }
            let result = try await answer(message)
            state.withLock { $0.deliveries.append(Delivery(message: message, result: result)) }
            results.append(result)
        }
        return results
    }
}
