import EventSourcing
import Postgres

extension EventStoreError {
    /// An error of the client or the server, in the store's terms, for an operation that changes something.
    ///
    /// SQLSTATE decides: the store's own (`SK…`) are what they say, all others go by whether anything can have happened.
    init(appending error: PostgresError, to stream: StreamID? = nil, id: AppendID? = nil) {
        let details = Details(stream: stream, appendID: error.outcome == .unknown ? id : nil, underlying: error)
        switch (error.sqlState?.rawValue, error.outcome) {
        case ("SK003", _), ("23514", _):
            self.init(.invalidArgument, "the database refused the append: \(error.message)", details: details)
        case ("SK004", _): self.init(.streamClosed, error.message, details: details)
        case ("SK006", _): self.init(.isolationLevel, error.message, details: details)
        case ("SK008", _):
            self.init(
                .unavailable, "nothing can be appended: " + error.message + (error.hint.map { ". " + $0 } ?? ""),
                details: details)
        case (_, .unknown):
            self.init(
                .outcomeUnknown,
                "the connection was lost before the answer came; the append may have happened. Repeat it with the same "
                    + "append id to find out", details: details)
        case (_, .retriable):
            self.init(Self.refusal(of: error), "nothing was appended: \(error.message)", details: details)
        case (_, .failed):
            self.init(Self.refusal(of: error), "the append failed: \(error.message)", details: details)
        }
    }

    /// An error of the client or the server, in the store's terms, for an operation that only reads.
    init(reading error: PostgresError, after cursor: LogCursor? = nil) {
        let details = Details(position: cursor?.position, underlying: error)
        switch error.sqlState?.rawValue {
        case "SK003": self.init(.invalidArgument, error.message, details: details)
        case "SK006": self.init(.isolationLevel, error.message, details: details)
        case "SK009":
            self.init(
                .logRewound, error.message + (error.hint.map { ". " + $0 } ?? ""), details: details)
        default: self.init(Self.refusal(of: error), "the store could not be read: \(error.message)", details: details)
        }
    }

    private static func refusal(of error: PostgresError) -> Code {
        switch error.code {
        case .notRunning: .notRunning
        case .cancelled: .cancelled
        case .deadlineExceeded, .poolTimeout: .timedOut
        case .poolExhausted, .queueFull: .overloaded
        case .invalidArgument, .encoding: .invalidArgument
        default: .unavailable
        }
    }
}
