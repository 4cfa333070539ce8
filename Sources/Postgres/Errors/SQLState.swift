/// The five-character code by which PostgreSQL tells errors apart.
///
/// Source: PostgreSQL documentation, Appendix A, "PostgreSQL Error Codes". Codes of your own functions are written as
/// literals: `error.sqlState == "SK001"`.
public struct SQLState: Sendable, Hashable, RawRepresentable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The five characters.
    public let rawValue: String

    /// Takes five digits and capital letters as they are; nothing is checked.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Takes five digits and capital letters as they are; nothing is checked.
    public init(stringLiteral value: String) {
        rawValue = value
    }

    /// The first two characters: the class of the error.
    public var classCode: String { String(rawValue.prefix(2)) }

    /// The five characters.
    public var description: String { rawValue }

    /// Whether it tells how the server is, and not what is wrong with the statement or its values: it lacks something, is
    /// stopping, or may not write now. The same statement may succeed once somebody has seen to that.
    package var isOfTheServer: Bool {
        self == .readOnlyTransaction || ["28", "53", "55", "57", "58", "XX"].contains(classCode)
    }
}

extension SQLState {
    // Class 08: the connection.

    /// 08001: the server could not be reached.
    public static var clientUnableToEstablishConnection: SQLState { "08001" }
    /// 08003: the connection does not exist.
    public static var connectionDoesNotExist: SQLState { "08003" }
    /// 08004: the server refused the connection.
    public static var serverRejectedConnection: SQLState { "08004" }
    /// 08006: the connection ended.
    public static var connectionFailure: SQLState { "08006" }
    /// 08007: it is not known how the transaction ended.
    public static var transactionResolutionUnknown: SQLState { "08007" }
    /// 08P01: a message that the protocol does not allow.
    public static var protocolViolation: SQLState { "08P01" }

    // Class 22: values.

    /// 22001: a text is too long for its column.
    public static var stringDataRightTruncation: SQLState { "22001" }
    /// 22003: a number is out of its type's range.
    public static var numericValueOutOfRange: SQLState { "22003" }
    /// 22008: a date or time is out of range.
    public static var datetimeFieldOverflow: SQLState { "22008" }
    /// 22021: bytes that are not a character of the encoding, such as invalid UTF-8.
    public static var characterNotInRepertoire: SQLState { "22021" }
    /// 22P02: text that is not of the type it was cast to.
    public static var invalidTextRepresentation: SQLState { "22P02" }
    /// 22P03: bytes that are not the binary form of their type.
    public static var invalidBinaryRepresentation: SQLState { "22P03" }
    /// 22P05: a character that the target cannot hold, such as `\u0000` in jsonb.
    public static var untranslatableCharacter: SQLState { "22P05" }

    // Class 23: constraints.

    /// 23502: null in a column that is not null.
    public static var notNullViolation: SQLState { "23502" }
    /// 23503: a foreign key without its target.
    public static var foreignKeyViolation: SQLState { "23503" }
    /// 23505: a duplicate key.
    public static var uniqueViolation: SQLState { "23505" }
    /// 23514: a check that does not hold.
    public static var checkViolation: SQLState { "23514" }
    /// 23P01: an exclusion constraint.
    public static var exclusionViolation: SQLState { "23P01" }

    // Class 25: transaction state.

    /// 25001: a transaction is already open.
    public static var activeTransaction: SQLState { "25001" }
    /// 25006: a write in a read-only transaction or on a standby.
    public static var readOnlyTransaction: SQLState { "25006" }
    /// 25P02: the transaction has failed; only a rollback is taken.
    public static var inFailedTransaction: SQLState { "25P02" }
    /// 25P03: the transaction was idle for too long and the session was ended.
    public static var idleInTransactionSessionTimeout: SQLState { "25P03" }

    // Classes 26 and 28: prepared statements and authorisation.

    /// 26000: the prepared statement does not exist.
    public static var invalidStatementName: SQLState { "26000" }
    /// 28000: the role may not connect.
    public static var invalidAuthorization: SQLState { "28000" }
    /// 28P01: the password is wrong.
    public static var invalidPassword: SQLState { "28P01" }

    // Classes 3D, 3F and 40.

    /// 3D000: the database does not exist.
    public static var invalidDatabaseName: SQLState { "3D000" }
    /// 3F000: the schema does not exist.
    public static var invalidSchemaName: SQLState { "3F000" }
    /// 40001: the transaction could not be put into one order with others.
    public static var serializationFailure: SQLState { "40001" }
    /// 40003: it is not known whether the statement was completed.
    public static var statementCompletionUnknown: SQLState { "40003" }
    /// 40P01: transactions waited for one another in a circle.
    public static var deadlockDetected: SQLState { "40P01" }

    // Class 42: what the statement names.

    /// 42501: a privilege is missing.
    public static var insufficientPrivilege: SQLState { "42501" }
    /// 42601: the statement is not SQL.
    public static var syntaxError: SQLState { "42601" }
    /// 42703: no such column.
    public static var undefinedColumn: SQLState { "42703" }
    /// 42804: a value of another type than the one needed.
    public static var datatypeMismatch: SQLState { "42804" }
    /// 42883: no such function.
    public static var undefinedFunction: SQLState { "42883" }
    /// 42P01: no such table.
    public static var undefinedTable: SQLState { "42P01" }
    /// 42P04: the database exists already.
    public static var duplicateDatabase: SQLState { "42P04" }
    /// 42P05: the prepared statement exists already.
    public static var duplicatePreparedStatement: SQLState { "42P05" }
    /// 42P07: the table exists already.
    public static var duplicateTable: SQLState { "42P07" }

    // Classes 0A, 53, 54, 55 and 57.

    /// 0A000: not supported; also "cached plan must not change result type".
    public static var featureNotSupported: SQLState { "0A000" }
    /// 53100: the server's disk is full.
    public static var diskFull: SQLState { "53100" }
    /// 53200: the server is out of memory.
    public static var outOfMemory: SQLState { "53200" }
    /// 53300: the server has no connection left.
    public static var tooManyConnections: SQLState { "53300" }
    /// 54000: a limit of the server.
    public static var programLimitExceeded: SQLState { "54000" }
    /// 55006: the object is in use.
    public static var objectInUse: SQLState { "55006" }
    /// 55P03: a lock was not to be had in time.
    public static var lockNotAvailable: SQLState { "55P03" }
    /// 57014: the statement was cancelled, by a request or by `statement_timeout`.
    public static var queryCanceled: SQLState { "57014" }
    /// 57P01: an administrator ended the session.
    public static var adminShutdown: SQLState { "57P01" }
    /// 57P02: the session ended because another one crashed.
    public static var crashShutdown: SQLState { "57P02" }
    /// 57P03: the server is starting, stopping or recovering.
    public static var cannotConnectNow: SQLState { "57P03" }
    /// 57P04: the database was dropped.
    public static var databaseDropped: SQLState { "57P04" }
    /// 57P05: the session was idle for too long.
    public static var idleSessionTimeout: SQLState { "57P05" }
}
