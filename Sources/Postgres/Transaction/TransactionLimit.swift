/// When a transaction has to be over.
struct TransactionLimit {
    let deadline: Duration
    let end: ContinuousClock.Instant

    init(_ deadline: Duration) {
        self.deadline = deadline
        end = .now + deadline
    }

    /// What is thrown when the time is up. Nothing was committed, and what runs the closure rolls back.
    var error: PostgresError {
        PostgresError(
            .deadlineExceeded, "the transaction was not over within its \(deadline), and was rolled back",
            hint: "Do less in it, or give it more time.", outcome: .retriable)
    }
}
