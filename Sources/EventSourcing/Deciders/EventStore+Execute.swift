extension EventStore {
    /// Reads a stream and folds it into the decider's state.
    ///
    /// - Throws: what `readPage` throws; `unknownEventType` or `decoding`.
    public func load<D: Decider>(
        _ decider: D, on id: D.ID, coding: EventCoding = EventCoding()
    ) async throws(EventStoreError) -> Folded<D.State> {
        let stream = try decider.stream(id)
        var state = decider.initialState
        var last: RecordedEvent?
        for try await event in read(stream) {
            try decider.evolve(&state, with: event, coding: coding)
            last = event
        }
        return Folded(stream: stream, state: state, version: last?.version, position: last?.position)
    }

    /// Carries out a command: reads the stream, lets the decider decide, and appends what happens, expecting the
    /// version that was read. If another writer was faster it begins again, up to the policy's limit.
    ///
    /// ```swift
    /// try await store.execute(.hold(booking, until: noon), by: Seat(), on: "A1")
    /// ```
    ///
    /// An append whose outcome is unknown is repeated with the same append id, which settles it. What cannot be settled is
    /// told as `outcomeUnknown`, also where repeating failed for certain or the task was cancelled: the events may be
    /// there. Then do not take it for "not done"; the command may be carried out again if deciding on it twice is harmless.
    ///
    /// - Parameters:
    ///   - metadata: What to record with the events.
    ///   - retry: How often to begin again on a conflict. Default: 10 attempts.
    ///   - clock: What the waits between attempts are measured by.
    /// - Throws: the decider's own error; `versionConflict` if the last attempt met one; `outcomeUnknown` if repeating
    ///   the append did not settle it, with the append's id and why not; what reading and appending throw;
    ///   `CancellationError` when cancelled between attempts, none of which can have happened.
    @discardableResult
    public func execute<D: Decider>(
        _ command: D.Command, by decider: D, on id: D.ID, metadata: Metadata = Metadata(),
        coding: EventCoding = EventCoding(), retry: ConflictRetry = ConflictRetry(),
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws -> Executed<D> {
        var attempt = 1
        while true {
            do {
                return try await executeOnce(
                    command, decider, id, metadata: metadata, coding: coding, retry: retry, clock: clock,
                    attempt: attempt)
            } catch let error as EventStoreError where error.code == .versionConflict && attempt < retry.maximumAttempts
            {
                try await clock.sleep(for: retry.delay(after: attempt, fraction: .random(in: 0...1)))
                attempt += 1
            }
        }
    }

    private func executeOnce<D: Decider>(
        _ command: D.Command, _ decider: D, _ id: D.ID, metadata: Metadata, coding: EventCoding, retry: ConflictRetry,
        clock: any Clock<Duration>, attempt: Int
    ) async throws -> Executed<D> {
        let loaded = try await load(decider, on: id, coding: coding)
        let events = try decider.decide(command, in: loaded.state)
        if events.isEmpty {
            return Executed(
                events: [], state: loaded.state, stream: loaded.stream, version: loaded.version,
                position: loaded.position, attempts: attempt)
        }
        let append = StreamAppend(
            try coding.encode(events, metadata: metadata), to: loaded.stream,
            expecting: ExpectedVersion(after: loaded.version))
        let result = try await appendSettled(append, retry: retry, clock: clock)
        return Executed(
            events: events, state: decider.fold(events, from: loaded.state), stream: loaded.stream,
            version: result.lastVersion, position: result.lastPosition, attempts: attempt)
    }

    /// Appends, and repeats the append with the same id while its outcome is unknown.
    ///
    /// Once an attempt may have happened, a later one that certainly did not says nothing of it (ES2). Only what the store
    /// says of this id and this stream for good does: success, which found the first attempt or took its place; a conflict
    /// that the first attempt would meet too, whenever it runs; the id's use by another append; a stream that is closed.
    private func appendSettled(
        _ append: StreamAppend, retry: ConflictRetry, clock: any Clock<Duration>
    ) async throws -> AppendResult {
        let appendID = AppendID()
        var isUnknown = false
        for attempt in 1...max(retry.maximumAttempts, 1) {
            do {
                return try await self.append(append, id: appendID)
            } catch {
                if error.code != .outcomeUnknown {
                    throw isUnknown && !error.isVerdict ? .unknown(append.stream, appendID, because: error) : error
                }
                if attempt >= retry.maximumAttempts {
                    throw EventStoreError.unknown(append.stream, appendID, because: error)
                }
                isUnknown = true
            }
            do {
                try await clock.sleep(for: retry.delay(after: attempt, fraction: .random(in: 0...1)))
            } catch {
                throw EventStoreError.unknown(append.stream, appendID, because: error)
            }
        }
        preconditionFailure("the last attempt returns or throws")
    }
}

extension EventStoreError {
    /// Whether it says of an append, by its id, that no attempt of it has happened or ever will.
    package var isVerdict: Bool {
        switch code {
        case .versionConflict: conflicts.contains(where: \.isForGood)
        case .appendIDReused, .streamClosed: true
        default: false
        }
    }

    /// An attempt of the append may have happened, and what came after it does not say whether.
    fileprivate static func unknown(
        _ stream: StreamID, _ id: AppendID, because error: any Error
    ) -> EventStoreError {
        let reason = (error as? EventStoreError)?.message ?? "\(error)"
        return EventStoreError(
            .outcomeUnknown,
            "an attempt to append to stream \"\(stream)\" was not answered, and what became of it could not be found out: "
                + "\(reason). The append may have happened",
            details: Details(stream: stream, appendID: id, underlying: error))
    }
}
