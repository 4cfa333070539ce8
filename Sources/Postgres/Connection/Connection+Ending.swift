import CLibPQ

// Deadlines, cancellation and the end of the connection.
extension Connection {
    /// The caller's task was cancelled.
    func giveUp(_ request: Request) {
        // Whoever had paused the reading will not take anything any more.
        if isPaused, state.headRequest === request { resumeReading() }
        switch state.giveUp(request, because: .taskCancelled, now: .now) {
        case .nothing, .wait:
            break
        case .answerUnsent:
            request.complete(.failure(.givenUp(.taskCancelled, sent: false)))
        case .answerAbandoned:
            request.complete(.failure(.givenUp(.taskCancelled, sent: true)))
        case .sendCancel:
            sendCancel()
        }
        arm()
        endIfQuiet()
    }

    private func sendCancel() {
        guard let token = libpq?.cancelToken() else { return end(lost()) }
        startDetachedThread(named: "skald-cancel") { [weak self] in
            _ = token.send()
            self?.post(.cancelDelivered)
        }
    }

    /// Says whether a transaction is open, before the caller is answered.
    func noteTransactionStatus() {
        switch libpq?.transactionStatus {
        case PQTRANS_IDLE: note(.idle)
        case PQTRANS_INTRANS, PQTRANS_INERROR: note(.open)
        default: note(.unknown)
        }
    }

    // MARK: Time

    /// A timer has fired, perhaps one that no longer matters.
    func wake() {
        let now = ContinuousClock.now
        if let armed, armed <= now { self.armed = nil }
        while true {
            switch state.overdue(now: now) {
            case .nothing:
                arm()
                return endIfQuiet()
            case .answer(let answers):
                for (request, sent) in answers {
                    request.complete(.failure(.givenUp(.deadline, sent: sent)))
                }
            case .sendCancel:
                sendCancel()
            case .close(let error):
                return end(error)
            }
        }
    }

    /// Has a timer set for the earliest time limit.
    func arm() {
        guard let wake = state.nextWake else { return }
        arm(at: wake)
    }

    /// The same for a new request, without looking at the others.
    func arm(for request: Request, now: ContinuousClock.Instant) {
        let limit = state.role == .shared ? now + state.limits.sharedHead : request.deadline
        arm(at: min(request.deadline, limit))
    }

    func arm(at time: ContinuousClock.Instant) {
        if let armed, armed <= time { return }
        // A timer keeps the connection alive, so none is set for long; the next one follows from `wake`.
        let time = min(time, .now + Self.longestTimer)
        armed = time
        loop.timer(at: time, member: self, token: 0)
    }

    /// Gives the request that goes in steps new time, or for as long as its caller is busy, no limit.
    func extendDeadline(waitsForCaller: Bool = false) {
        guard let patience = state.headRequest?.patience else { return }
        let end = ContinuousClock.now + (waitsForCaller ? .seconds(1_000_000_000) : patience)
        state.extendHead(to: end)
        arm(at: end)
    }

    private static let longestTimer: Duration = .seconds(60)

    // MARK: The end

    /// Takes nothing more, and closes the connection when everything in flight is answered.
    func closeWhenQuiet() {
        closesWhenQuiet = true
        endIfQuiet()
    }

    func endIfQuiet() {
        guard closesWhenQuiet, state.isQuiet else { return }
        end(PostgresError(.closed, "the client has closed the connection", outcome: .retriable))
    }

    /// What is known about a connection that was lost.
    func lost() -> PostgresError {
        if let said = lastWords ?? libpq?.lastWords { return said }
        let message = libpq?.message ?? ""
        return PostgresError(.connectionLost, Redaction.trimmed(message, ifEmpty: "the connection was lost"))
    }

    /// Closes the connection, and answers everybody who waits on it.
    func end(_ cause: PostgresError) {
        guard libpq != nil else { return }
        // The loop forgets the socket before libpq closes it: the number may belong to another one right after.
        loop.forget(socket)
        libpq = nil
        endedBy = cause
        endCopy(.lostDuringCopy(cause))
        note(.unknown)
        for (request, sent) in state.close() {
            request.complete(.failure(sent ? .lostAfterSending(cause) : .lostBeforeSending(cause)))
        }
        owner?.connection(id, endedWith: cause)
    }
}
