import EventSourcing
import Synchronization

/// Where one caller waits for what becomes of its append. A reference, so that a cancelled caller finds its append again.
final class Ticket: Sendable {
    typealias Outcome = Result<AppendResult, EventStoreError>

    private enum State {
        case open
        case waiting(CheckedContinuation<Outcome, Never>)
        case answered(Outcome)
        case over
    }

    private let state = Mutex(State.open)

    /// Answers the caller; only the first answer counts.
    func complete(_ outcome: Outcome) {
        let waiting: CheckedContinuation<Outcome, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .answered(outcome)
                return nil
            case .waiting(let continuation):
                state = .over
                return continuation
            case .answered, .over: return nil
            }
        }
        waiting?.resume(returning: outcome)
    }

    /// Waits for the answer, which may be there already. One caller may wait, once.
    func outcome() async -> Outcome {
        await withCheckedContinuation { continuation in
            let early: Outcome? = state.withLock { state in
                if case .answered(let outcome) = state {
                    state = .over
                    return outcome
                }
                state = .waiting(continuation)
                return nil
            }
            if let early { continuation.resume(returning: early) }
        }
    }
}
