/// A log of events in streams: append with expectations, read streams and the whole log in order, follow it.
///
/// These are the few operations that a store implements; everything else (`read`, `follow`, `execute`, typed appends)
/// is built on them for every store alike. All operations may be called from many tasks at once.
/// `EventStoreConformance` in SkaldTesting checks that a store keeps these promises.
public protocol EventStore: Sendable {
    /// Appends to one or several streams: all of it or nothing. Results are in the order of `appends`.
    ///
    /// Success is reported only when the events are durable and can be read. With an `id`, a repeated call with the
    /// same content (streams, types, data, tags and the event ids that were given; metadata apart) returns the first
    /// call's result and appends nothing, whatever it expects; ids are looked up in the streams that the call names.
    ///
    /// - Throws: `versionConflict` naming every stream that was not as expected; `appendIDReused`; `invalidArgument`;
    ///   `streamClosed`; `outcomeUnknown` if it may have happened (repeat it with the same id); `unavailable`,
    ///   `overloaded`, `timedOut` or `cancelled` if it certainly did not.
    func append(_ appends: [StreamAppend], id: AppendID?) async throws(EventStoreError) -> [AppendResult]

    /// Reads up to `limit` events of a stream (1 to 10,000), from a version on and including it.
    ///
    /// `from` nil means from the first event, or backwards from the last. A stream that does not exist is empty.
    func readPage(
        of stream: StreamID, from: StreamVersion?, _ direction: ReadDirection, limit: Int
    ) async throws(EventStoreError) -> StreamPage

    /// Reads up to `limit` events of the log (1 to 10,000) in order of position, after the cursor and up to the
    /// watermark.
    ///
    /// What it returns is final: the same call later gives the same events.
    ///
    /// - Throws: `logRewound` if the cursor is of another generation and lies beyond the start of this one.
    func readLogPage(after cursor: LogCursor, limit: Int) async throws(EventStoreError) -> LogPage

    /// Where the log stands now.
    func logState() async throws(EventStoreError) -> LogState

    /// Waits until there may be an event after the cursor to read.
    ///
    /// It may return early for no cause, and must not wait for ever once there is one: a lost wake-up costs latency,
    /// never an event. Readers read a page after it returns and wait again if that is empty.
    ///
    /// - Throws: `cancelled` when the task is cancelled.
    func waitForEvents(after cursor: LogCursor) async throws(EventStoreError)
}
