import Synchronization

/// Wakes readers when there may be something new. A hint: a lost one costs latency, because every wait also times out.
///
/// A reader takes `count` before it reads, and waits only if nothing was raised since: so nothing is missed in between.
package final class LogSignal: Sendable {
    package init() {}

    private struct State {
        var count: UInt64 = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// How often it was raised.
    package var count: UInt64 { state.withLock { $0.count } }

    /// Wakes all who wait.
    package func raise() {
        let waiters = state.withLock { state in
            state.count += 1
            defer { state.waiters.removeAll(keepingCapacity: true) }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until it was raised more often than `seen`, the time is up, or the task is cancelled.
    package func wait(past seen: UInt64, for time: Duration) async {
        await withTaskGroup { group in
            group.addTask { await self.wait(past: seen) }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            group.cancelAll()
        }
    }

    private func wait(past seen: UInt64) async {
        let key = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isOver = state.withLock { state in
                    if state.count > seen || Task.isCancelled { return true }
                    state.waiters[key] = waiter
                    return false
                }
                if isOver { waiter.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: key) }?.resume()
        }
    }
}
