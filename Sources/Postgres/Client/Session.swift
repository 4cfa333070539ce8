/// An exclusive connection while it is lent to a caller. Not `Sendable`: one caller uses it, one statement at a time.
final class Session {
    let connection: Connection
    let statementDeadline: Duration

    /// Whether settings, locks and the like have to be dropped before somebody else uses the connection.
    var needsReset = false

    private var isEnded = false

    init(_ connection: Connection, statementDeadline: Duration) {
        self.connection = connection
        self.statementDeadline = statementDeadline
    }

    /// Carries out some work and waits for its answer.
    func perform(_ work: Request.Work, deadline: Duration?) async throws(PostgresError) -> Answer {
        guard !isEnded else {
            throw PostgresError(
                .transactionEnded, "the connection was used after its closure had ended",
                hint: "Do not let it escape from withConnection or withTransaction.")
        }
        return try await connection.perform(Request(work, deadline: .now + (deadline ?? statementDeadline)))
    }

    /// The same, whatever becomes of the caller's task. When the deadline passes, the connection is closed.
    func performUncancelled(_ work: Request.Work) async throws(PostgresError) -> Answer {
        try await connection.performUncancelled(
            Request(work, deadline: .now + statementDeadline, isCancellable: false))
    }

    /// Ends the loan; true when the connection is as good as new.
    func end() async -> Bool {
        isEnded = true
        do throws(PostgresError) {
            switch connection.transactionStatus {
            case .idle: break
            case .open: _ = try await performUncancelled(.statement("rollback"))
            case .unknown: return false
            }
            if needsReset || connection.isDirty {
                _ = try await performUncancelled(.script(Self.reset))
                connection.isDirty = false
            }
            return true
        } catch {
            return false
        }
    }

    /// What `discard all` does, but for the prepared statements, which are worth keeping.
    private static let reset = """
        close all; set session authorization default; reset all; unlisten *; select pg_catalog.pg_advisory_unlock_all();
        discard temp; discard sequences
        """
}
