/// A transaction that lasts as long as a closure runs. See
/// ``PostgresClient/withTransaction(isolation:readOnly:maximumAttempts:deadline:_:)``.
///
/// It is deliberately not `Sendable`: the compiler refuses to use it from two tasks at once. Used after the closure has
/// ended, it fails with code `transactionEnded`.
///
/// A `commit` or `rollback` among its own statements ends it: that statement and all that follow fail with code
/// `transactionEnded`, and so does the transaction.
///
/// After a statement has failed, the server refuses all others up to the rollback; work that may fail goes into
/// ``savepoint(_:)``.
public final class PostgresTransaction {
    private let session: Session
    private let beginning: SQL
    private let isReadOnly: Bool
    private let limit: TransactionLimit?
    private var phase = Phase.new
    private var savepoints = 0

    private enum Phase {
        case new
        case begun
        case ended
    }

    init(_ session: Session, isolation: IsolationLevel, isReadOnly: Bool, limit: TransactionLimit?) {
        self.session = session
        self.isReadOnly = isReadOnly
        self.limit = limit
        beginning = SQL(
            unescaped: "begin isolation level \(isolation.sql)" + (isReadOnly ? " read only" : " read write"))
    }

    /// The process id of the server's backend, as `pg_stat_activity` and `pg_locks` show it.
    public var backendPID: Int32 { session.connection.backendPID }

    /// Runs a statement and collects its rows.
    ///
    /// - Parameters:
    ///   - sql: The statement, with its values.
    ///   - deadline: How long it may take; the configuration's `statementDeadline` where nil.
    /// - Throws: `PostgresError`. A lost connection is `retriable` here, because nothing was committed.
    @discardableResult
    public func query(_ sql: SQL, deadline: Duration? = nil) async throws(PostgresError) -> Rows {
        let rows = try await pipeline([sql], deadline: deadline)
        return rows[0]
    }

    /// Runs a statement and says how many rows it inserted, updated, deleted, merged or selected.
    @discardableResult
    public func execute(_ sql: SQL, deadline: Duration? = nil) async throws(PostgresError) -> Int {
        try await query(sql, deadline: deadline).affected
    }

    /// Sends several statements at once, and waits for all of them: one round trip. Those after one that fails are not run.
    ///
    /// - Returns: One result for each statement.
    @discardableResult
    public func pipeline(_ statements: [SQL], deadline: Duration? = nil) async throws(PostgresError) -> [Rows] {
        for sql in statements { try sql.validated() }
        if statements.isEmpty { return [] }
        let isFirst = phase == .new
        let work: Request.Work =
            isFirst
            ? .batch([beginning] + statements)
            : statements.count == 1 ? .statement(statements[0]) : .batch(statements)
        let results = try await perform(work, deadline: deadline).results
        guard results.count == statements.count + (isFirst ? 1 : 0) else {
            throw PostgresError(.protocolViolation, "the server gave \(results.count) results")
        }
        return results.dropFirst(isFirst ? 1 : 0).map { Rows($0) }
    }

    /// Runs several statements in one text; they come without values and their results are dropped.
    ///
    /// - Throws: `PostgresError` of the first statement that fails.
    public func simpleScript(_ text: String, deadline: Duration? = nil) async throws(PostgresError) {
        try SQL(unescaped: text).validated()
        try await begin()
        _ = try await perform(.script(text), deadline: deadline)
    }

    /// Runs a statement and gives its rows one by one, in bounded memory. See ``PostgresConnection/stream(_:patience:)``.
    public func stream(_ sql: SQL, patience: Duration? = nil) async throws(PostgresError) -> RowStream {
        try sql.validated()
        try await begin()
        return RowStream(source: try session.flow(patience: capped(patience), isInTransaction: true) { .rows(sql, $0) })
    }

    /// Runs a `copy … to stdout`. See ``PostgresConnection/copyOut(_:patience:)``.
    public func copyOut(_ sql: SQL, patience: Duration? = nil) async throws(PostgresError) -> CopyReader {
        let text = try sql.textWithoutBinds()
        try await begin()
        return CopyReader(
            source: try session.flow(patience: capped(patience), isInTransaction: true) { .copyOut(text, $0) })
    }

    /// Runs a `copy … from stdin`. See ``PostgresConnection/copyIn(_:patience:_:)``.
    @discardableResult
    public func copyIn(
        _ sql: SQL, patience: Duration? = nil, _ body: (CopyWriter) async throws -> Void
    ) async throws -> Int {
        try await begin()
        return try await session.copyIn(sql, patience: capped(patience), isInTransaction: true, body)
    }

    /// Runs `body` behind a savepoint: when it throws, what it did is undone, and the transaction can go on.
    ///
    /// - Throws: What `body` throws.
    public func savepoint<R>(_ body: (PostgresTransaction) async throws -> R) async throws -> R {
        savepoints += 1
        let name = "skald_\(savepoints)"
        try await execute(SQL(unescaped: "savepoint \(name)"))
        let value: R
        do {
            value = try await body(self)
        } catch {
            // Where even this fails, the transaction can only be rolled back as a whole, and the server sees to it.
            _ = try? await session.performUncancelled(
                .batch([SQL(unescaped: "rollback to \(name)"), SQL(unescaped: "release \(name)")]))
            throw error
        }
        try await execute(SQL(unescaped: "release \(name)"))
        return value
    }

    // MARK: Private parts

    /// Begins on its own, where the first work cannot be sent together with the beginning.
    func begin() async throws(PostgresError) {
        guard phase != .begun else { return try check() }
        _ = try await perform(.statement(beginning), deadline: nil)
    }

    private func perform(_ work: Request.Work, deadline: Duration?) async throws(PostgresError) -> Answer {
        try check()
        let begins = phase == .new
        phase = .begun
        let answer: Answer
        do throws(PostgresError) {
            answer = try await session.perform(work, deadline: capped(deadline))
        } catch {
            // It was not sent, or the beginning failed: the next statement has to begin, or it would commit by itself.
            if begins, session.connection.transactionStatus == .idle { phase = .new }
            throw error.insideTransaction
        }
        try checkOpen()
        return answer
    }

    /// Throws where nothing can be done in the transaction.
    private func check() throws(PostgresError) {
        guard phase != .ended else {
            throw PostgresError(
                .transactionEnded, "the transaction was used after its closure had ended",
                hint: "Do not let it escape from withTransaction.")
        }
        try checkOpen()
        if let limit, limit.end <= .now { throw limit.error }
    }

    /// How long a statement may take: no longer than the transaction.
    private func capped(_ deadline: Duration?) -> Duration? {
        limit.map { min(deadline ?? session.statementDeadline, $0.end - .now) } ?? deadline
    }

    /// Throws where the server has no transaction any more: whatever came next would commit by itself.
    private func checkOpen() throws(PostgresError) {
        guard phase == .begun, session.connection.transactionStatus == .idle else { return }
        throw PostgresError(
            .transactionEnded, "a commit or a rollback among its own statements has ended the transaction",
            hint: "Leave the end to withTransaction, and undo parts with savepoint(_:).", outcome: .unknown)
    }

    /// Commits, where anything was begun. An error whose outcome is `unknown` means that nobody knows whether it did.
    func commit() async throws(PostgresError) {
        defer { phase = .ended }
        guard phase == .begun else { return }
        try check()
        do throws(PostgresError) {
            let result = try await session.performUncancelled(.statement("commit")).only
            guard result.commandTag == "COMMIT" else { throw PostgresError.rolledBackAtCommit }
        } catch {
            if let idled = error.becauseIdle { throw idled }
            // What was only read can be read again.
            throw isReadOnly && error.outcome == .unknown ? error.insideTransaction : error
        }
    }

    /// Rolls back, whatever becomes of the caller's task. Where that fails the connection is not used again, and its end
    /// rolls back too.
    func rollback() async {
        defer { phase = .ended }
        guard phase == .begun else { return }
        _ = try? await session.performUncancelled(.statement("rollback"))
    }
}

@available(*, unavailable)
extension PostgresTransaction: Sendable {}

extension PostgresError {
    /// The same error for a statement inside a transaction that was not committed: it has certainly not happened.
    var insideTransaction: PostgresError {
        if let becauseIdle { return becauseIdle }
        guard outcome == .unknown else { return self }
        return recast(code: code == .outcomeUnknown ? .connectionLost : code, outcome: .retriable)
    }

    /// The same error where the server has ended the session because its transaction did nothing for too long: it has not
    /// been committed, even if the commit was on its way, and would do nothing for as long once more.
    var becauseIdle: PostgresError? {
        guard code == .connectionLost || code == .outcomeUnknown, let cause = underlying as? PostgresError,
            cause.sqlState == .idleInTransactionSessionTimeout
        else { return nil }
        var fields = Fields(
            code: .connectionLost,
            message: "the server ended the session, because its transaction had done nothing for longer than "
                + "idle_in_transaction_session_timeout allows; nothing was committed")
        fields.sqlState = cause.sqlState
        fields.hint = "Do slow work before the transaction or after it, or raise idleInTransactionTimeout."
        fields.statedOutcome = .failed
        fields.underlying = cause
        return PostgresError(fields: fields)
    }

    /// The transaction had failed, and the closure returned as if it had not.
    static var rolledBackAtCommit: PostgresError {
        var fields = Fields(
            code: .server, message: "the transaction was rolled back, because one of its statements had failed")
        fields.sqlState = .inFailedTransaction
        fields.hint =
            "Do not catch a statement's error inside the transaction, or let that statement run in a savepoint."
        fields.statedOutcome = .failed
        return PostgresError(fields: fields)
    }
}
