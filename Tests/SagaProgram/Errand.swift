import Resilience
import Sagas

/// A saga of three calls.
struct Errand: Saga {
    static let name: SagaName = "errand"
    struct State: Codable, Sendable {
        var first: Int?, held: Int?, last: Int?
    }

    var act: @Sendable (Run<State>) async throws -> Int = { _ in 1 }

    var steps: Steps {
        Compensatable("first", into: \.first) {
            try await act($0)
        } undo: { _, _ in
        }
        .retry(retry)
        Compensatable("held", into: \.held) {
            try await act($0)
        } undo: { _, _ in
        }
        .retry(retry)
        Retriable("last", into: \.last) { try await act($0) }.retry(.forever(backoff: .constant(.milliseconds(50))))
    }

    private var retry: RetryPolicy { .attempts(20, backoff: .constant(.milliseconds(50))) }
}
