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
            "too many appends are waiting (limit: \(limit), or their bytes); nothing was appended. Slow down, or raise "
                + "maximumWaiting or maximumWaitingBytes")
    }

    /// The transaction has committed, but what it did cannot be read.
    static func unreadable(_ reason: String) -> EventStoreError {
        EventStoreError(
            .outcomeUnknown, "\(reason). The append may have happened; repeat it with the same append id to find out")
    }

    /// The same error, with the append that it is about.
    func naming(_ append: EncodedAppend) -> EventStoreError {
        EventStoreError(
            code, message, details: Details(stream: append.stream, appendID: append.id, underlying: underlying))
    }

    /// An attempt of the append may have happened, and nobody could find out.
    static func unknown(_ append: EncodedAppend, because error: EventStoreError) -> EventStoreError {
        EventStoreError(
            .outcomeUnknown,
            "an attempt to append to stream \"\(append.stream)\" was not answered, and what became of it could not be found out: "
                + "\(error.message). The append may have happened; repeat it with the same append id to find out",
            details: Details(stream: append.stream, appendID: append.id, underlying: error))
    }

    static let timedOutInFlight = EventStoreError(
        .timedOut, "the database did not answer within the append's time (appendTimeout)")

    static func timedOutInLane(_ stream: StreamID) -> EventStoreError {
        EventStoreError(
            .timedOut,
            "another transaction held stream \"\(stream)\" when the append was tried, and it had no other turn before its "
                + "time was up; nothing was appended",
            details: Details(stream: stream))
    }

    static func streamHeld(_ stream: StreamID) -> EventStoreError {
        EventStoreError(
            .timedOut,
            "another transaction held stream \"\(stream)\" until the append's time was up; nothing was appended",
            details: Details(stream: stream))
    }
}
