import Synchronization

/// A value that the loop owes a caller: given exactly once, waited for by at most one task.
struct Promise<Value: Sendable>: ~Copyable, Sendable {
    // Not private: 6.3.1 crashes on private types nested in a generic ~Copyable one.
    enum Receiver {
        case task(UnsafeContinuation<Result<Value, PostgresError>, Never>)
        case closure(@Sendable (Result<Value, PostgresError>) -> Void)
    }

    struct State {
        var receiver: Receiver?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Whether the waiting task was cancelled.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Waits for the value. Cancelling the task does not end the wait: it runs `cancel`, whose business it is that the
    /// promise is kept all the same.
    ///
    /// - Parameter post: Asks for the value. Runs when the promise is ready to be kept.
    func value(
        post: () -> Void, cancel: @escaping @Sendable () -> Void
    ) async throws(PostgresError) -> Value {
        let result = await withTaskCancellationHandler {
            await wait(post)
        } onCancel: {
            state.withLock { $0.isCancelled = true }
            cancel()
        }
        return try result.get()
    }

    /// Waits for the value, and does not take notice of the task's being cancelled.
    func uncancelledValue(post: () -> Void) async throws(PostgresError) -> Value {
        try await wait(post).get()
    }

    /// Has `body` called with the value, on the loop.
    func whenComplete(_ body: @escaping @Sendable (Result<Value, PostgresError>) -> Void) {
        state.withLock { $0.receiver = .closure(body) }
    }

    /// Gives the value. Only the first one counts.
    func complete(_ result: Result<Value, PostgresError>) {
        let receiver = state.withLock { state in
            defer { state.receiver = nil }
            return state.receiver
        }
        switch receiver {
        case .task(let continuation): continuation.resume(returning: result)
        case .closure(let body): body(result)
        case nil: break
        }
    }

    private func wait(_ post: () -> Void) async -> Result<Value, PostgresError> {
        await withUnsafeContinuation { continuation in
            state.withLock { $0.receiver = .task(continuation) }
            post()
        }
    }
}
