import DequeModule

// How requests end before their results are there: cancelled, out of time, or with their connection.
extension ConnectionState {
    /// What to do about a request that is given up.
    enum GivingUp {
        /// It is not here, or was given up before.
        case nothing
        /// It had not been sent. Answer it: nothing has happened.
        case answerUnsent
        /// It is drained and discarded. Answer it: the outcome is unknown.
        case answerAbandoned
        /// Ask the server to cancel what the connection is doing, on a helper thread; then call `cancelDelivered`. The
        /// request is answered by its results.
        case sendCancel
        /// It will be answered by its results; a cancel is under way already.
        case wait
    }

    /// A caller does not want to wait any longer.
    mutating func giveUp(_ request: Request, because reason: CancelReason, now: ContinuousClock.Instant) -> GivingUp {
        if let index = held.firstIndex(where: { $0.request === request }) {
            held.remove(at: index)
            return .answerUnsent
        }
        guard let index = inFlight.firstIndex(where: { $0.request === request }) else { return .nothing }
        return giveUpInFlight(at: index, because: reason, now: now)
    }

    private mutating func giveUpInFlight(
        at index: Int, because reason: CancelReason, now: ContinuousClock.Instant
    ) -> GivingUp {
        guard case .wanted = inFlight[index].fate else { return .nothing }
        switch role {
        case .shared:
            inFlight[index].fate = .abandoned
            inFlight[index].firstOutput = nil
            inFlight[index].outputs = []
            return .answerAbandoned
        case .exclusive:
            inFlight[index].fate = .cancelling(reason)
            guard isSettled else { return .wait }
            cancel = .sending(until: now + limits.cancelSettling)
            return .sendCancel
        }
    }

    /// The helper thread has delivered the cancel request, or has failed to.
    mutating func cancelDelivered(now: ContinuousClock.Instant) {
        guard case .sending(let until) = cancel else { return }
        cancel = .delivered(until: until, again: now + limits.cancelRepeat)
    }

    /// The first request in flight has come a step further; its next one may take until then.
    mutating func extendHead(to deadline: ContinuousClock.Instant) {
        if !inFlight.isEmpty { inFlight[0].deadline = deadline }
    }

    /// What the passing of time leads to.
    enum Overdue {
        case nothing
        /// Nobody waits for these any more. Whether they had been sent is said with each.
        case answer([(request: Request, sent: Bool)])
        case sendCancel
        case close(PostgresError)
    }

    /// To be called when `nextWake` has come, until it says nothing.
    mutating func overdue(now: ContinuousClock.Instant) -> Overdue {
        if let error = reasonToClose(now: now) { return .close(error) }
        if case .delivered(let until, let again) = cancel, !inFlight.isEmpty, again <= now {
            cancel = .sending(until: until)
            return .sendCancel
        }
        var answers: [(request: Request, sent: Bool)] = []
        for entry in held where entry.deadline <= now { answers.append((entry.request, false)) }
        held.removeAll { $0.deadline <= now }
        var sendsCancel = false
        for index in inFlight.indices where inFlight[index].deadline <= now {
            guard let request = inFlight[index].request else { continue }
            switch giveUpInFlight(at: index, because: .deadline, now: now) {
            case .answerAbandoned: answers.append((request, true))
            case .sendCancel: sendsCancel = true
            case .nothing, .answerUnsent, .wait: break
            }
        }
        if !answers.isEmpty { return .answer(answers) }
        return sendsCancel ? .sendCancel : .nothing
    }

    private func reasonToClose(now: ContinuousClock.Instant) -> PostgresError? {
        if let until = settlingEnd, until <= now {
            return PostgresError(
                .outcomeUnknown, "the server did not end a cancelled statement within \(limits.cancelSettling)",
                hint: "The connection was closed. The statement may still be running on the server.")
        }
        if inFlight.contains(where: { !$0.isCancellable && $0.deadline <= now }) {
            return PostgresError(
                .deadlineExceeded, "the deadline passed while the transaction was being ended", outcome: .unknown)
        }
        if let stuck = headLimit, stuck <= now {
            return PostgresError(
                .outcomeUnknown,
                "a statement kept its shared connection for \(limits.sharedHead), longer than the "
                    + "server's statement_timeout allows; the connection is taken for dead")
        }
        return nil
    }

    private var settlingEnd: ContinuousClock.Instant? {
        switch cancel {
        case .none: nil
        case .sending(let until), .delivered(let until, _), .barrier(let until): until
        }
    }

    private var headLimit: ContinuousClock.Instant? {
        role == .shared ? headSince.map { $0 + limits.sharedHead } : nil
    }

    /// When `overdue` has to be called at the latest; nil while nothing has a time limit.
    var nextWake: ContinuousClock.Instant? {
        if mode == .closed { return nil }
        var wakes: [ContinuousClock.Instant] = held.map(\.deadline)
        for entry in inFlight {
            if case .wanted = entry.fate, entry.request != nil { wakes.append(entry.deadline) }
        }
        if let settlingEnd { wakes.append(settlingEnd) }
        if let headLimit { wakes.append(headLimit) }
        if case .delivered(_, let again) = cancel { wakes.append(again) }
        return wakes.min()
    }

    /// The connection is gone. Whoever still waits is to be answered: what was sent may have happened.
    mutating func close() -> [(request: Request, sent: Bool)] {
        mode = .closed
        cancel = .none
        commands = []
        headSince = nil
        var waiting: [(request: Request, sent: Bool)] = []
        for entry in inFlight {
            if case .abandoned = entry.fate { continue }
            if let request = entry.request { waiting.append((request, true)) }
        }
        waiting += held.map { ($0.request, false) }
        inFlight = []
        held = []
        return waiting
    }
}
