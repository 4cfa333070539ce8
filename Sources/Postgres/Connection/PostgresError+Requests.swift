// What the client says when a request ends without an answer of the server's.
extension PostgresError {
    /// The caller stopped waiting.
    static func givenUp(_ reason: CancelReason, sent: Bool) -> PostgresError {
        switch reason {
        case .taskCancelled:
            PostgresError(
                .cancelled, sent ? "the task was cancelled while its statement was running" : "the task was cancelled",
                outcome: sent ? .unknown : .retriable)
        case .deadline:
            PostgresError(
                .deadlineExceeded,
                sent ? "the deadline passed while the statement was running" : "the deadline passed before sending",
                outcome: sent ? .unknown : .retriable)
        }
    }

    /// The server has cancelled the statement, as the client had asked.
    static func cancelledOnServer(
        _ reason: CancelReason, underlying: PostgresError
    ) -> PostgresError {
        switch reason {
        case .taskCancelled:
            PostgresError(
                .cancelled, "the task was cancelled, and so was its statement", outcome: .failed, underlying: underlying
            )
        case .deadline:
            PostgresError(
                .deadlineExceeded, "the deadline passed and the statement was cancelled", outcome: .retriable,
                underlying: underlying)
        }
    }

    /// The connection ended under a statement that was on its way.
    static func lostAfterSending(_ cause: PostgresError) -> PostgresError {
        PostgresError(
            .outcomeUnknown, "the connection was lost before the statement was answered: \(cause.message)",
            hint: "The statement may have been carried out. Repeat it only if that does no harm.", outcome: .unknown,
            underlying: cause)
    }

    /// The connection ended before a COPY had all its data, so that nothing was copied.
    static func lostDuringCopy(_ cause: PostgresError) -> PostgresError {
        PostgresError(
            .connectionLost, "the connection was lost before the COPY was complete: \(cause.message)",
            outcome: .retriable, underlying: cause)
    }

    /// The connection ended before the statement was sent.
    static func lostBeforeSending(_ cause: PostgresError?) -> PostgresError {
        PostgresError(
            .connectionLost,
            "the connection was lost before the statement was sent"
                + (cause.map { ": \($0.message)" } ?? ""),
            outcome: .retriable, underlying: cause)
    }
}
