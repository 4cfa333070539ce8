import CLibPQ

// From the socket to results, and from results to callers.
extension Connection {
    func ready(_ readiness: Interest) {
        guard libpq != nil else { return }
        let alive = libpq?.consumeInput() ?? false
        readResults()
        readNotifications()
        if libpq == nil { return }
        if !alive || libpq?.isBroken ?? true { return end(lost()) }
        if readiness.contains(.write) {
            flush()
            sendCopyData()
        }
        sendNext()
        endIfQuiet()
    }

    /// Reads no more before the caller has room. The loop forgets the socket, or it would report a broken one for ever.
    func pause() {
        isPaused = true
        watching = []
        loop.forget(socket)
        extendDeadline(waitsForCaller: true)
    }

    /// The caller has room for more.
    func resumeReading() {
        guard isPaused, libpq != nil else { return }
        isPaused = false
        extendDeadline()
        watch(.read)
        ready([])
    }

    func readResults() {
        let before = state.inFlightCount
        let now = ContinuousClock.now
        repeat {
            while state.awaitsResults, !isPaused, lastWords == nil, readStep(now) {}
            // Not while the caller has enough to do; where libpq can take no more, the connection's state says so next.
        } while !isPaused && libpq?.hasMoreInTLS ?? false && libpq?.consumeInput() ?? false
        if state.inFlightCount != before {
            owner?.connection(id, hasInFlight: state.inFlightCount, headSince: state.headSince)
        }
    }

    private func readNotifications() {
        while let connection = libpq?.pointer, let notice = PQnotifies(connection) {
            defer { PQfreemem(notice) }
            let channel = String(cString: notice.pointee.relname)
            let notification = PostgresNotification.notified(
                channel: channel, payload: String(cString: notice.pointee.extra), backendPID: notice.pointee.be_pid)
            owner?.connection(id, heard: notification, on: channel)
        }
    }

    /// Takes one result, or what has come of a COPY; false when there is nothing more for now.
    private func readStep(_ now: ContinuousClock.Instant) -> Bool {
        switch copy {
        case .outgoing: receiveCopyData()
        case .incoming: false
        case .none, .ended: libpq?.isBusy == false && receiveResult(now)
        }
    }

    /// Takes one result; false when the connection has ended over it.
    private func receiveResult(_ now: ContinuousClock.Instant) -> Bool {
        guard let result = libpq?.nextResult() else { return react(to: .end, now) }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            let handle = ResultHandle(result)
            switch state.role {
            case .exclusive: noteTraces(of: handle)
            case .shared: if let command = handle.sessionCommand { return refuse(command) }
            }
            return react(to: .output(handle), now)
        case PGRES_SINGLE_TUPLE:
            deliver(row: result)
            return true
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            return react(to: .sync, now)
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            return react(to: .aborted, now)
        case PGRES_FATAL_ERROR:
            return fail(result, now)
        case let status:
            PQclear(result)
            if beginCopy(status) { return true }
            end(
                PostgresError(
                    .protocolViolation, "the server began a COPY, which cannot be done here",
                    hint: "Use copyIn and copyOut of a connection."))
            return false
        }
    }

    /// A statement has changed the session under everybody who shares it. With `begin` what the others wrote would not be
    /// committed, so none of them is answered: the connection ends, and the server undoes it.
    private func refuse(_ command: String) -> Bool {
        let refusal = PostgresError(
            .unsupported, "\(command) changes the session, which many callers share here",
            hint: "Use withTransaction for transactions, listen(on:) for LISTEN and withConnection for the rest.",
            outcome: .failed)
        if let request = state.headRequest {
            request.complete(.failure(refusal.naming(statement: request.text(of: 0))))
        }
        end(PostgresError(.connectionLost, "another caller's \(command) had changed the shared session"))
        return false
    }

    /// Notes when a statement leaves something in the session that the next user must not find.
    private func noteTraces(of result: ResultHandle) {
        let tag = result.commandTag
        if tag == "PREPARE" { isSpoiled = true }
        if Self.tracingTags.contains(tag) { isDirty = true }
    }

    /// The command tags of statements that change the session. (`create table` may make a temporary one.)
    private static let tracingTags: Set = [
        "SET", "LISTEN", "DECLARE CURSOR", "LOAD", "CREATE TABLE", "CREATE TABLE AS", "SELECT INTO", "CREATE VIEW",
        "CREATE SEQUENCE",
    ]

    private func deliver(row result: OpaquePointer) {
        let size = PQresultMemorySize(result)
        let row = Row(result: ResultHandle(result), index: 0)
        guard case .rows(_, let channel)? = state.headRequest?.work else { return }
        if channel.add(row, size: size) {
            extendDeadline()
        } else {
            pause()
        }
    }

    private func fail(_ result: OpaquePointer, _ now: ContinuousClock.Instant) -> Bool {
        let sourceFunction = PQresultErrorField(result, Int32(UInt8(ascii: "R"))).map { String(cString: $0) }
        let error = PostgresError(result: result, statement: state.headRequest?.text(of: state.headOutputCount))
        PQclear(result)
        // FATAL ends the session: how the statement ended is said by the loss of the connection, not by these words.
        guard error.sqlState != nil, error.severity == "ERROR" else {
            // libpq goes on to say that the server closed the connection; the server's own words say why.
            if lastWords == nil || error.sqlState != nil { lastWords = error }
            if error.sqlState == nil { end(lost()) }
            return false
        }
        return react(to: .failure(error, isStale: isStale(error, sourceFunction)), now)
    }

    /// Whether a prepared statement has to be prepared again: it is not there (`deallocate`, `discard all`, a pooler), or the
    /// tables changed under it ("cached plan must not change result type", which has no SQLSTATE of its own).
    private func isStale(_ error: PostgresError, _ sourceFunction: String?) -> Bool {
        guard case .execute(let statement?)? = state.commands.first else { return false }
        switch error.sqlState {
        case .invalidStatementName:
            // Where the cache has forgotten it, its prepare has failed: what was sent behind it is to meet that error.
            cache.forget(statement: statement)
            return true
        case .featureNotSupported where sourceFunction == "RevalidateCachedQuery":
            // The first to notice has everything prepared anew: in a transaction each discovery costs an attempt.
            if cache.has(statement: statement) { cache.forgetAll() }
            return true
        default:
            return false
        }
    }

    private func react(to received: State.Received, _ now: ContinuousClock.Instant) -> Bool {
        switch state.received(received, now: now) {
        case .nothing:
            return true
        case .forget(let statement):
            cache.forget(statement: statement)
            return true
        case .completed(let entry):
            return complete(entry)
        case .violation:
            end(PostgresError(.protocolViolation, "libpq gave a result that nobody had asked for"))
            return false
        }
    }

    private func complete(_ entry: State.Entry) -> Bool {
        noteTransactionStatus()
        if state.isInPipeline, let request = entry.request, request.isOutside {
            // The pipeline mode was left for this request.
            guard libpq?.enterPipelineMode() ?? false else {
                end(lost())
                return false
            }
        }
        endCopy(entry.error)
        guard let request = entry.request else { return true }
        if case .abandoned = entry.fate { return true }
        if entry.isStale, !entry.isRepeated, case .wanted = entry.fate,
            state.role == .shared || transactionStatus == .idle
        {
            // Nothing was run, and no transaction was lost with it: a shared connection has none.
            submit(request, isRepeated: true)
            return true
        }
        request.complete(answer(entry))
        return true
    }

    private func answer(_ entry: State.Entry) -> Result<Answer, PostgresError> {
        if let error = entry.error {
            guard case .cancelling(let reason) = entry.fate, error.sqlState == .queryCanceled else {
                return .failure(entry.isStale ? error.recast(outcome: .retriable) : error)
            }
            return .failure(.cancelledOnServer(reason, underlying: error))
        }
        guard let first = entry.firstOutput else { return .success(.done) }
        return .success(entry.outputs.isEmpty ? .one(first) : .many([first] + entry.outputs))
    }
}
