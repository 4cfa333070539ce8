import DequeModule
import Synchronization

/// What a connection produces and a caller consumes piece by piece, in bounded memory: when the caller is slow, the
/// connection stops reading its socket, and in the end the server stops sending.
final class FlowChannel<Piece: Sendable>: Sendable {
    private struct State {
        var pieces: Deque<(piece: Piece, size: Int)> = []
        var size = 0
        var end: Result<Void, PostgresError>?
        var isPaused = false
        var isAbandoned = false
        var consumer: UnsafeContinuation<Next, Never>?
    }

    private enum Next {
        case piece(Piece)
        case end(Result<Void, PostgresError>)
    }

    /// How many bytes may wait for the caller; a single piece may be larger.
    let limit: Int

    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    // MARK: The connection's side

    /// Adds a piece; false when the connection has to pause until `resume` is called.
    func add(_ piece: Piece, size: Int) -> Bool {
        let (consumer, goesOn) = state.withLock { state -> (UnsafeContinuation<Next, Never>?, Bool) in
            if state.isAbandoned { return (nil, true) }
            if let consumer = state.consumer {
                state.consumer = nil
                return (consumer, true)
            }
            state.pieces.append((piece, size))
            state.size += size
            state.isPaused = state.size >= limit
            return (nil, !state.isPaused)
        }
        consumer?.resume(returning: .piece(piece))
        return goesOn
    }

    /// There is no more. Only the first end counts.
    func finish(_ end: Result<Void, PostgresError>) {
        let consumer = state.withLock { state in
            defer { state.consumer = nil }
            if state.end == nil { state.end = end }
            return state.consumer
        }
        consumer?.resume(returning: .end(end))
    }

    // MARK: The caller's side

    /// Whether everything was taken, or nobody will take it.
    var isOver: Bool {
        state.withLock { $0.isAbandoned || ($0.end != nil && $0.pieces.isEmpty) }
    }

    /// The caller will take nothing more; true when the connection was still producing.
    func abandon() -> Bool {
        state.withLock { state in
            state.isAbandoned = true
            state.isPaused = false
            state.pieces.removeAll()
            state.size = 0
            return state.end == nil
        }
    }

    /// Waits for the next piece; nil at the end.
    ///
    /// - Parameters:
    ///   - resume: Called when the connection has paused and there is room again.
    ///   - cancel: Called when the task is cancelled while it waits; the connection then finishes with an error.
    func next(
        resume: () -> Void, cancel: @escaping @Sendable () -> Void
    ) async throws(PostgresError) -> Piece? {
        let next: Next
        if let ready = take(resume) {
            next = ready
        } else {
            next = await withTaskCancellationHandler {
                await withUnsafeContinuation { continuation in
                    if let ready = take(resume, orWait: continuation) { continuation.resume(returning: ready) }
                }
            } onCancel: {
                cancel()
            }
        }
        switch next {
        case .piece(let piece): return piece
        case .end(let end):
            try end.get()
            return nil
        }
    }

    /// Takes what is there, and lets the connection go on when that has made room.
    private func take(_ resume: () -> Void, orWait continuation: UnsafeContinuation<Next, Never>? = nil) -> Next? {
        let (next, resumes) = state.withLock { state -> (Next?, Bool) in
            guard let (piece, size) = state.pieces.popFirst() else {
                if let end = state.end { return (.end(end), false) }
                precondition(state.consumer == nil, "two tasks read from one connection")
                state.consumer = continuation
                return (nil, false)
            }
            state.size -= size
            let resumes = state.isPaused && state.size <= limit / 2
            if resumes { state.isPaused = false }
            return (.piece(piece), resumes)
        }
        if resumes { resume() }
        return next
    }
}
