extension PostgresError {
    /// The kind of failure. More kinds may be added, so a `switch` over them needs a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name, as logs and metrics show it.
        public let description: String

        init(_ description: String) {
            self.description = description
        }

        /// The server refused or aborted the statement; `sqlState` says why.
        public static var server: Code { Code("server") }

        /// No connection could be made, so nothing was sent.
        public static var connectionFailed: Code { Code("connectionFailed") }

        /// The connection ended before the statement was sent, or inside a transaction that had not begun to commit.
        public static var connectionLost: Code { Code("connectionLost") }

        /// The connection ended, or its answer was given up, after the statement was sent and before it was answered.
        public static var outcomeUnknown: Code { Code("outcomeUnknown") }

        /// No connection became free within the time allowed.
        public static var poolTimeout: Code { Code("poolTimeout") }

        /// As many callers as the configuration allows were waiting for a connection already.
        public static var poolExhausted: Code { Code("poolExhausted") }

        /// As many statements as the configuration allows were waiting to be sent already.
        public static var queueFull: Code { Code("queueFull") }

        /// The client was used before its `run()` was called.
        public static var notRunning: Code { Code("notRunning") }

        /// The client or the connection has been shut down.
        public static var closed: Code { Code("closed") }

        /// The calling task was cancelled.
        public static var cancelled: Code { Code("cancelled") }

        /// The deadline of the operation passed.
        public static var deadlineExceeded: Code { Code("deadlineExceeded") }

        /// An argument or a configuration value is not allowed.
        public static var invalidArgument: Code { Code("invalidArgument") }

        /// A Swift value has no form in PostgreSQL, such as a text with a NUL in it.
        public static var encoding: Code { Code("encoding") }

        /// A result is not what the caller asked for. The statement itself has succeeded.
        public static var decoding: Code { Code("decoding") }

        /// The server or libpq answered what the protocol does not allow there.
        public static var protocolViolation: Code { Code("protocolViolation") }

        /// What was asked for is not offered here.
        public static var unsupported: Code { Code("unsupported") }

        /// A transaction or a connection was used after its scope had ended.
        public static var transactionEnded: Code { Code("transactionEnded") }
    }
}
