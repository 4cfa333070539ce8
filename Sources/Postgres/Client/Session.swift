/// An exclusive connection while it is lent to a caller. Not `Sendable`: one caller uses it, one statement at a time.
final class Session {
    let connection: Connection
    let statementDeadline: Duration

    /// Whether settings, locks and the like have to be dropped before somebody else uses the connection, even where that is
    /// not done always.
    var needsReset = false

    private var isEnded = false
    /// Whether the rows or the data of the statement before have all been taken.
    private var isFlowOver: () -> Bool = { true }

    init(_ connection: Connection, statementDeadline: Duration) {
        self.connection = connection
        self.statementDeadline = statementDeadline
    }

    /// Carries out some work and waits for its answer.
    func perform(_ work: Request.Work, deadline: Duration?) async throws(PostgresError) -> Answer {
        try check()
        return try await connection.perform(Request(work, deadline: .now + (deadline ?? statementDeadline)))
    }

    /// Throws where nothing can be sent now.
    private func check() throws(PostgresError) {
        guard !isEnded else {
            throw PostgresError(
                .transactionEnded, "the connection was used after its closure had ended",
                hint: "Do not let it escape from withConnection or withTransaction.")
        }
        // The connection may have stopped reading for the sake of those rows, and would never get to the next statement.
        guard isFlowOver() else {
            throw PostgresError(
                .unsupported, "the connection is still streaming the rows of another statement",
                hint: "Read them to their end, or let go of the sequence and its iterator.")
        }
    }

    /// Begins a statement whose rows or data come piece by piece.
    ///
    /// - Parameter isInTransaction: Whether cancelling the statement would end more than the statement.
    func flow<Piece: Sendable>(
        patience: Duration?, isInTransaction: Bool, _ work: (FlowChannel<Piece>) -> Request.Work
    ) throws(PostgresError) -> FlowSource<Piece> {
        try check()
        let channel = FlowChannel<Piece>(limit: Self.flowLimit)
        let patience = patience ?? statementDeadline
        let request = Request(work(channel), deadline: .now + patience, patience: patience)
        request.promise.whenComplete { result in
            channel.finish(result.map { _ in () }.mapError { isInTransaction ? $0.insideTransaction : $0 })
        }
        isFlowOver = { channel.isOver }
        connection.post(.submit(request))
        return FlowSource(channel, request, connection, cancelsOnServer: !isInTransaction)
    }

    /// How many bytes of rows wait in memory for a caller who takes them one by one.
    private static let flowLimit = 1_048_576

    /// Sends data to the server while `body` gives it.
    ///
    /// - Parameter isInTransaction: Whether a loss of the connection undoes it.
    func copyIn(
        _ sql: SQL, patience: Duration?, isInTransaction: Bool, _ body: (CopyWriter) async throws -> Void
    ) async throws -> Int {
        try check()
        let text = try sql.textWithoutBinds()
        let (start, patience) = (CopyStart(), patience ?? statementDeadline)
        let request = Request(.copyIn(text, start), deadline: .now + patience, patience: patience)
        request.promise.whenComplete { result in
            let result = result.mapError { isInTransaction ? $0.insideTransaction : $0 }
            start.accepted.complete(result.map { _ in () })
            start.ended.complete(result)
        }
        let connection = connection
        try await start.accepted.value {
            connection.post(.submit(request))
        } cancel: {
            connection.post(.cancel(request))
        }
        let writer = CopyWriter(connection: connection, request: request)
        do {
            try await body(writer)
        } catch {
            _ = try? await writer.send(.failure("the client has given up"))
            _ = try? await start.ended.uncancelledValue {}
            throw error
        }
        // Where the connection was lost, the end of the request says how.
        _ = try? await writer.send(.end)
        return try await start.ended.uncancelledValue {}.results.last?.affected ?? 0
    }

    /// The same, whatever becomes of the caller's task. When the deadline passes, the connection is closed.
    func performUncancelled(_ work: Request.Work) async throws(PostgresError) -> Answer {
        try await connection.performUncancelled(
            Request(work, deadline: .now + statementDeadline, isCancellable: false))
    }

    /// Ends the loan; true when the connection is as good as new, or will be before the next statement on it.
    func end() async -> Bool {
        isEnded = true
        do throws(PostgresError) {
            switch connection.transactionStatus {
            case .idle: break
            case .open: _ = try await performUncancelled(.statement("rollback"))
            case .unknown: return false
            }
            if connection.isSpoiled { return false }
            if connection.resetsAlways || needsReset || connection.isDirty {
                connection.reset(patience: statementDeadline)
            }
            return true
        } catch {
            return false
        }
    }
}
