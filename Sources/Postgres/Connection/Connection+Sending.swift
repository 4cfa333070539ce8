import CLibPQ

// From requests to libpq, and from libpq's buffer to the socket.
extension Connection {
    /// Takes a request from a caller or from the pool.
    func submit(_ request: Request, isRepeated: Bool = false) {
        guard !request.isCancelled else {
            request.complete(.failure(.givenUp(.taskCancelled, sent: false)))
            owner?.connection(id, hasInFlight: state.inFlightCount, headSince: state.headSince)
            return
        }
        let now = ContinuousClock.now
        dropStatements(now: now)
        let submission = state.submit(
            request, alone: request.isAlone, outside: request.isOutside, isCancellable: request.isCancellable,
            isRepeated: isRepeated, deadline: request.deadline,
            now: now)
        carryOut(submission, request)
        arm(for: request, now: now)
    }

    /// Sends what waited for something else to end.
    func sendNext() {
        while let submission = state.next(now: .now) {
            carryOut(submission, nil)
        }
    }

    private func carryOut(_ submission: State.Submission, _ submitted: Request?) {
        let sent: Bool
        switch submission {
        case .send(let request):
            sent = send(request)
        case .sendOutside(let request):
            sent = sendOutside(request)
        case .sendBarrier:
            sent = libpq?.sendSync() ?? false
            state.queue(.sync)
        case .held:
            return
        case .refused:
            submitted?.complete(.failure(.lostBeforeSending(endedBy)))
            return
        }
        if !sent { return end(lost()) }
        flushLater()
    }

    /// Drops what the cache has pushed out, outside of transactions only: there a failure would take the caller's work along.
    private func dropStatements(now: ContinuousClock.Instant) {
        guard cache.hasDropped, state.role == .shared || transactionStatus == .idle, state.beginHousekeeping(now: now)
        else { return }
        for statement in cache.takeDropped() {
            state.queue(.housekeeping)
            _ = libpq?.send(unprepared: SQL(unescaped: "deallocate \(StatementCache.name(of: statement))"))
        }
        state.queue(.sync)
        _ = libpq?.sendSync()
    }

    /// Gives libpq a request for the pipeline: its statements, then a Sync.
    private func send(_ request: Request) -> Bool {
        // What failed because of a prepared statement is not prepared once more: it could meet the same, and only once is
        // it sent again.
        let isUnprepared = !request.isPreparable || state.inFlight.last?.isRepeated ?? false
        switch request.work {
        case .statement(let sql):
            guard send(sql, isUnprepared ? .unprepared : cache.plan(for: sql)) else { return false }
        case .batch(let statements):
            for sql in statements {
                guard send(sql, isUnprepared ? .unprepared : cache.plan(for: sql)) else { return false }
            }
        case .rows(let sql, _):
            // Unnamed, because single-row mode is for the statement that libpq is waiting for, which a prepare would be.
            state.queue(.execute(statement: nil))
            guard libpq?.send(unprepared: sql) ?? false, libpq?.enterSingleRowMode() ?? false else { return false }
        case .script, .copyIn, .copyOut:
            return false
        }
        state.queue(.sync)
        return libpq?.sendSync() ?? false
    }

    private func send(_ sql: SQL, _ plan: StatementCache.Plan) -> Bool {
        switch plan {
        case .unprepared:
            state.queue(.execute(statement: nil))
            return libpq?.send(unprepared: sql) ?? false
        case .prepare(let statement):
            state.queue(.prepare(statement: statement))
            state.queue(.execute(statement: statement))
            let name = StatementCache.name(of: statement)
            guard libpq?.send(prepare: name, sql) ?? false else { return false }
            return libpq?.send(prepared: name, sql) ?? false
        case .execute(let statement):
            state.queue(.execute(statement: statement))
            return libpq?.send(prepared: StatementCache.name(of: statement), sql) ?? false
        }
    }

    private func sendOutside(_ request: Request) -> Bool {
        guard libpq?.exitPipelineMode() ?? false else { return false }
        switch request.work {
        case .script(let text), .copyIn(let text, _), .copyOut(let text, _):
            return libpq?.send(script: text) ?? false
        case .statement, .batch, .rows:
            return false
        }
    }

    // MARK: Flushing

    /// Flushes once at the end of the loop's turn, however much the turn writes.
    func flushLater() {
        guard !willFlush else { return }
        willFlush = true
        loop.flushAtEndOfTurn(self)
    }

    /// Writes what is buffered. While some is left, the connection waits for read as well as for write: the server may
    /// not read on before its own answers are taken.
    func flush() {
        willFlush = false
        guard let left = libpq?.flush() else { return }
        if left < 0 { return end(lost()) }
        watch(left == 0 ? .read : .both)
        // When the socket is full libpq reads while it writes: what came in then, the loop will not tell of.
        readResults()
    }

    func watch(_ interest: Interest) {
        guard interest != watching, !isPaused, libpq != nil else { return }
        watching = interest
        loop.watch(socket, for: interest, member: self)
    }
}

extension Request {
    /// Whether it needs the connection outside of the pipeline mode.
    var isOutside: Bool {
        switch work {
        case .statement, .batch, .rows: false
        case .script, .copyIn, .copyOut: true
        }
    }

    /// Whether nothing else may be in flight when it is sent.
    var isAlone: Bool {
        switch work {
        case .statement, .batch: false
        case .rows, .script, .copyIn, .copyOut: true
        }
    }
}
