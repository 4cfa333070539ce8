import Resilience
import Sagas

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A saga of calls, whose participants are closures of the test.
struct Trip: Saga {
    static let name: SagaName = "trip"
    struct State: Codable, Equatable {
        var number = 1
        var seat: Int?, room: Int?, paid: Int?, ticket: Int?
    }

    var seat: @Sendable (Run<State>) async throws -> Int = { _ in 1 }
    var room: @Sendable (Run<State>) async throws -> Int = { _ in 2 }
    var pay: @Sendable (Run<State>) async throws -> Int = { _ in 3 }
    var ticket: @Sendable (Run<State>) async throws -> Int = { _ in 4 }
    var undo: @Sendable (Run<State>) async throws -> Void = { _ in }
    var pause: Duration = .zero
    var retry = RetryPolicy.attempts(3, backoff: .constant(.milliseconds(10)))
    var seatDeadline: Duration = .seconds(30)

    var steps: Steps {
        Compensatable("seat", into: \.seat) {
            try await seat($0)
        } undo: { run, _ in
            try await undo(run)
        }
        .retry(retry).retryUndo(retry).eachAttempt(within: seatDeadline)
        Compensatable("room", into: \.room) {
            try await room($0)
        } undo: { run, _ in
            try await undo(run)
        }
        .retry(retry).retryUndo(retry)
        Wait("pause") { _ in pause }.when { [pause] _ in pause > .zero }
        Pivot("pay", into: \.paid) { try await pay($0) }.retry(retry)
        Retriable("ticket", into: \.ticket) { try await ticket($0) }.retry(
            .forever(backoff: .constant(.milliseconds(10))))
    }
}

struct Outage: Error {}
