import Synchronization

/// A value that the loop owes a caller: given exactly once, waited for by at most one task.
struct Promise<Value: Sendable>: ~Copyable, Sendable {
    // Not private: 6.3.1 crashes on private types nested in a generic ~Copyable one.
    enum Receiver {
        #if SKALD_TSAN
            // ThreadSanitizer does not see that a continuation hands its value over: the value goes by way of the lock.
            case task(UnsafeContinuation<Void, Never>)
        #else
            case task(UnsafeContinuation<Result<Value, PostgresError>, Never>)
        #endif
        case closure(@Sendable (Result<Value, PostgresError>) -> Void)
    }

    struct State {
        var receiver: Receiver?
        /// What was given before anybody waited.
        var result: Result<Value, PostgresError>?
        var isKept = false
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
        let early = state.withLock { $0.receive(.closure(body)) }
        if let early { body(early) }
    }

    /// Gives the value. Only the first one counts.
    func complete(_ result: Result<Value, PostgresError>) {
        let receiver = state.withLock { $0.keep(result) }
        switch receiver {
        case .task(let continuation):
            #if SKALD_TSAN
                continuation.resume()
            #else
                continuation.resume(returning: result)
            #endif
        case .closure(let body): body(result)
        case nil: break
        }
    }

    #if SKALD_TSAN
        private func wait(_ post: () -> Void) async -> Result<Value, PostgresError> {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                let isEarly = state.withLock { state in
                    if state.result == nil { state.receiver = .task(continuation) }
                    return state.result != nil
                }
                post()
                if isEarly { continuation.resume() }
            }
            return state.withLock { state in
                defer { state.result = nil }
                return state.result ?? .failure(PostgresError(.protocolViolation, "nothing was promised"))
            }
        }
    #else
        private func wait(_ post: () -> Void) async -> Result<Value, PostgresError> {
            await withUnsafeContinuation { continuation in
                let early = state.withLock { $0.receive(.task(continuation)) }
                post()
                if let early { continuation.resume(returning: early) }
            }
        }
    #endif
}

extension Promise.State {
    /// Notes who waits; gives the value where it is there already.
    mutating func receive(_ receiver: Promise.Receiver) -> Result<Value, PostgresError>? {
        guard let result else {
            self.receiver = receiver
            return nil
        }
        self.result = nil
        return result
    }

    /// Notes the value; gives who waits for it. Later values are dropped.
    mutating func keep(_ result: Result<Value, PostgresError>) -> Promise.Receiver? {
        guard !isKept else { return nil }
        isKept = true
        guard let receiver else {
            self.result = result
            return nil
        }
        self.receiver = nil
        #if SKALD_TSAN
            if case .task = receiver { self.result = result }
        #endif
        return receiver
    }
}
