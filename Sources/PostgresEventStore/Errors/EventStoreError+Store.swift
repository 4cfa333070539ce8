import EventSourcing

// What the PostgreSQL store refuses by itself.
extension EventStoreError {
    static let storeNotRunning = EventStoreError(
        .notRunning,
        "the event store was used before its run() was called, or after it ended; add it to the ServiceGroup, after its "
            + "PostgresClient, or call run() in a task of yours")

    static let storeDraining = EventStoreError(
        .notRunning, "the event store is shutting down and takes no more appends")

    static let timedOutInQueue = EventStoreError(
        .timedOut, "the append waited in line until its time was up (appendTimeout); nothing was appended")

    static func tooManyAppends(_ limit: Int) -> EventStoreError {
        EventStoreError(
            .overloaded,
            "too many appends are waiting (limit: \(limit), or its bytes); nothing was appended. Slow down, or raise "
                + "groups.waiting")
    }

    static func streamHeld(_ stream: StreamID) -> EventStoreError {
        EventStoreError(
            .timedOut,
            "another transaction held stream \"\(stream)\" until the append's time was up; nothing was appended",
            details: Details(stream: stream))
    }
}
