/// What went wrong in the client, the connection or the server.
///
/// `code` says what kind of failure it is, `sqlState` what the server called it, and `outcome` whether the statement may
/// have taken effect. Decide by these, never by message text: messages are translated and change between versions.
///
/// `description` is quiet, because errors leak into responses; `debugDescription` says everything. The client puts neither
/// bound values nor passwords into either; the server's own message and detail may quote a value.
public struct PostgresError: Error, Sendable {
    /// Everything the error knows. Kept behind one reference, so that a thrown error is one word wide.
    private var storage: Storage

    /// An error of the client's own making.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: What was wrong, in one sentence, without passwords or bound values.
    ///   - hint: What to do about it.
    ///   - outcome: Whether the statement may have taken effect; what `code` and `sqlState` imply where it is nil.
    ///   - underlying: The error that led to this one.
    public init(
        _ code: Code, _ message: String, hint: String? = nil, outcome: Outcome? = nil, underlying: (any Error)? = nil
    ) {
        var fields = Fields(code: code, message: message)
        fields.hint = hint
        fields.statedOutcome = outcome
        fields.underlying = underlying
        storage = Storage(fields: fields)
    }

    init(fields: Fields) {
        storage = Storage(fields: fields)
    }

    /// The kind of failure.
    public var code: Code { storage.fields.code }

    /// The server's five-character code, where the server reported the error.
    public var sqlState: SQLState? { storage.fields.sqlState }

    /// Whether the statement may have taken effect. See ``Outcome``.
    public var outcome: Outcome {
        storage.fields.statedOutcome ?? Outcome(of: storage.fields.code, sqlState: storage.fields.sqlState)
    }

    /// `ERROR`, `FATAL` or `PANIC`, in English whatever the server's language.
    public var severity: String? { storage.fields.severity }

    /// What was wrong, in one sentence: the server's or the client's words.
    public var message: String { storage.fields.message }

    /// More about it. The server may quote stored values here ("Key (email)=(…) already exists").
    public var detail: String? { storage.fields.detail }

    /// What to do about it.
    public var hint: String? { storage.fields.hint }

    /// Where in `statement` the error was noticed: a character number, the first one being 1.
    public var position: Int? { storage.fields.position }

    /// The statement that the server was running for the one that was sent, such as one inside a function.
    public var internalStatement: String? { storage.fields.internalStatement }

    /// The server's call stack: which function and which trigger, innermost first.
    public var context: String? { storage.fields.context }

    /// The schema of the object that the error is about.
    public var schemaName: String? { storage.fields.schemaName }

    /// The table that the error is about.
    public var tableName: String? { storage.fields.tableName }

    /// The column that the error is about.
    public var columnName: String? { storage.fields.columnName }

    /// The data type that the error is about.
    public var dataTypeName: String? { storage.fields.dataTypeName }

    /// The constraint that was violated.
    public var constraintName: String? { storage.fields.constraintName }

    /// The text of the statement, with `$1` in place of its values and passwords blotted out.
    public var statement: String? { storage.fields.statement }

    /// The error that led to this one.
    public var underlying: (any Error)? { storage.fields.underlying }

    /// The same error, naming the statement that met it. A statement that is already named stays.
    func naming(statement: String) -> PostgresError {
        guard storage.fields.statement == nil else { return self }
        return changed { $0.statement = Redaction.statement(statement) }
    }

    /// The same error under another code or with another outcome, for where the caller knows more than the server said.
    func recast(code: Code? = nil, outcome: Outcome? = nil) -> PostgresError {
        changed {
            if let code { $0.code = code }
            if let outcome { $0.statedOutcome = outcome }
        }
    }

    private func changed(_ change: (inout Fields) -> Void) -> PostgresError {
        var fields = storage.fields
        change(&fields)
        return PostgresError(fields: fields)
    }
}

extension PostgresError {
    /// What an error holds, in one value.
    struct Fields: Sendable {
        var code: Code
        var message: String
        var sqlState: SQLState?
        var statedOutcome: Outcome?
        var severity: String?
        var detail: String?
        var hint: String?
        var position: Int?
        var internalStatement: String?
        var context: String?
        var schemaName: String?
        var tableName: String?
        var columnName: String?
        var dataTypeName: String?
        var constraintName: String?
        var statement: String?
        var underlying: (any Error)?

        init(code: Code, message: String) {
            self.code = code
            self.message = message
        }
    }

    /// Immutable, so that errors may be shared between tasks; a change makes another one.
    private final class Storage: Sendable {
        let fields: Fields

        init(fields: Fields) {
            self.fields = fields
        }
    }
}
