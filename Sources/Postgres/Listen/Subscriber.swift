import DequeModule
import Synchronization

/// Where one listener's notifications wait for it. Bounded: when too many come, they are all forgotten, and the listener is
/// told to look for itself.
final class Subscriber: Sendable {
    /// The most notifications that wait.
    static let limit = 1024

    let channels: Set<String>

    private struct State {
        var waiting: Deque<PostgresNotification> = []
        var isOver = false
        var consumer: UnsafeContinuation<PostgresNotification?, Never>?
    }

    private let state = Mutex(State())

    init(channels: Set<String>) {
        self.channels = channels
    }

    /// Adds a notification.
    func add(_ notification: PostgresNotification) {
        let consumer = state.withLock { state in
            if let consumer = state.consumer {
                state.consumer = nil
                return Optional(consumer)
            }
            if notification == .resubscribed || state.waiting.count >= Self.limit {
                // Whoever is told to look for itself has no use for single hints from before.
                state.waiting.removeAll(keepingCapacity: true)
                state.waiting.append(.resubscribed)
            } else {
                state.waiting.append(notification)
            }
            return nil
        }
        consumer?.resume(returning: notification)
    }

    /// There will be no more.
    func finish() {
        let consumer = state.withLock { state in
            state.isOver = true
            defer { state.consumer = nil }
            return state.consumer
        }
        consumer?.resume(returning: nil)
    }

    /// Waits for the next notification; nil at the end and when the task is cancelled.
    func next() async -> PostgresNotification? {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let (isReady, next) = state.withLock { state -> (Bool, PostgresNotification?) in
                    if let next = state.waiting.popFirst() { return (true, next) }
                    if state.isOver { return (true, nil) }
                    precondition(state.consumer == nil, "two tasks read from one iterator")
                    state.consumer = continuation
                    return (false, nil)
                }
                if isReady { continuation.resume(returning: next) }
            }
        } onCancel: {
            finish()
        }
    }
}
