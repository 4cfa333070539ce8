import CLibPQ

extension PostgresError {
    /// What the server or libpq says in an error result. The result stays the caller's.
    ///
    /// An error that libpq made itself has no SQLSTATE. During a statement it means that the connection is gone, and the
    /// caller, who knows whether the statement had been sent, says so with `codeWithoutState`.
    init(result: OpaquePointer, codeWithoutState: Code = .connectionLost, statement: String? = nil) {
        func field(_ code: Int32) -> String? {
            PQresultErrorField(result, code).map { String(cString: $0) }
        }
        func field(_ letter: Character) -> String? {
            letter.asciiValue.flatMap { field(Int32($0)) }
        }
        // The letters are those of PG_DIAG_…, which the importer does not see: they are character macros.
        let state = field("C").map(SQLState.init(rawValue:))
        let primary = field("M") ?? PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
        var fields = Fields(
            code: state == nil ? codeWithoutState : .server,
            message: Redaction.trimmed(primary, ifEmpty: "the server gave no message"))
        fields.sqlState = state
        fields.severity = field("V") ?? field("S")
        fields.detail = field("D")
        fields.hint = field("H")
        fields.position = field("P").flatMap { Int($0) }
        fields.internalStatement = field("q").map(Redaction.statement)
        fields.context = field("W").map(Redaction.context)
        fields.schemaName = field("s")
        fields.tableName = field("t")
        fields.columnName = field("c")
        fields.dataTypeName = field("d")
        fields.constraintName = field("n")
        fields.statement = statement.map(Redaction.statement)
        self.init(fields: fields)
    }

    /// What libpq says about a connection that could not be made, or that has ended.
    ///
    /// - Parameters:
    ///   - connection: libpq's connection, whose message is copied.
    ///   - connectionString: What it was opened with: the passwords in it are blotted out of the message.
    init(_ code: Code, connection: OpaquePointer?, connectionString: String, outcome: Outcome? = nil) {
        let said = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        let message = Redaction.message(said, connectionString: connectionString)
        self.init(code, Redaction.trimmed(message, ifEmpty: "libpq gave no message"), outcome: outcome)
    }
}
