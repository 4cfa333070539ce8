extension PostgresError {
    /// Whether what was asked for may have happened.
    public enum Outcome: Sendable, Hashable {
        /// It has not happened, and asking for the same again will meet the same error.
        case failed

        /// It has not happened, and asking for the same again may well succeed.
        case retriable

        /// It may have happened. Repeat it only if repeating does no harm.
        case unknown
    }
}

extension PostgresError.Outcome {
    /// What a code and a SQLSTATE say about the outcome. This is the only place that decides it.
    ///
    /// An error that the server reports for a statement has rolled its transaction back, whatever the class; what stays
    /// unknown is what the server or the client says is unknown, or what nobody answered.
    init(of code: PostgresError.Code, sqlState: SQLState?) {
        if let sqlState {
            self = Self.bySQLState[sqlState] ?? Self.bySQLStateClass[sqlState.classCode] ?? .failed
        } else {
            self = Self.byCode[code] ?? .failed
        }
    }

    private static let bySQLState: [SQLState: Self] = [
        .serializationFailure: .retriable,
        .deadlockDetected: .retriable,
        .statementCompletionUnknown: .unknown,
        .lockNotAvailable: .retriable,
        .idleInTransactionSessionTimeout: .retriable,
        .idleSessionTimeout: .retriable,
        .tooManyConnections: .retriable,
        .adminShutdown: .retriable,
        .crashShutdown: .retriable,
        .cannotConnectNow: .retriable,
        // The connection was never made.
        .clientUnableToEstablishConnection: .retriable,
        .serverRejectedConnection: .retriable,
        .protocolViolation: .failed,
    ]

    private static let bySQLStateClass: [String: Self] = [
        // A connection that ended (08003, 08006), here or between the server and another one, and 08007.
        "08": .unknown
    ]

    private static let byCode: [PostgresError.Code: Self] = [
        .connectionFailed: .retriable,
        .connectionLost: .retriable,
        .outcomeUnknown: .unknown,
        .poolTimeout: .retriable,
        .poolExhausted: .retriable,
        .queueFull: .retriable,
        // Whoever knows that nothing was sent says so; without that, it may have been.
        .cancelled: .unknown,
        .deadlineExceeded: .unknown,
        .protocolViolation: .unknown,
        // The statement was done before its result was looked at.
        .decoding: .unknown,
    ]
}
