import Synchronization

/// A bell that wakes one waiting task: rings that come before the wait are kept, and several count as one.
package final class Doorbell: Sendable {
    private enum State: Sendable {
        case silent
        case rung
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.silent)

    package init() {}

    /// Wakes the task that waits, or the next one that does.
    package func ring() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard case .waiting(let continuation) = state else {
                state = .rung
                return nil
            }
            state = .silent
            return continuation
        }
        waiter?.resume()
    }

    /// Returns when the bell has rung, when `deadline` has come, or when the task is cancelled. Only one task may wait.
    package func wait(until deadline: ContinuousClock.Instant? = nil) async {
        guard let deadline else {
            await waitForRing()
            return
        }
        await withTaskGroup { group in
            group.addTask { await self.waitForRing() }
            group.addTask { try? await Task.sleep(until: deadline, clock: .continuous) }
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForRing() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let returnsAtOnce = state.withLock { state in
                    if case .rung = state {
                        state = .silent
                        return true
                    }
                    // Looked at under the lock that the handler takes too: a cancellation is either seen here, or rings.
                    if Task.isCancelled { return true }
                    state = .waiting(continuation)
                    return false
                }
                if returnsAtOnce { continuation.resume() }
            }
        } onCancel: {
            let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
                guard case .waiting(let continuation) = state else { return nil }
                state = .silent
                return continuation
            }
            waiter?.resume()
        }
    }
}
