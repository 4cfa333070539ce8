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
    /// An append whose outcome is unknown is repeated with the same append id, which settles it.
    ///
    /// - Parameters:
    ///   - metadata: What to record with the events.
    ///   - retry: How often to begin again on a conflict. Default: 10 attempts.
    ///   - clock: What the waits between attempts are measured by.
    /// - Throws: the decider's own error; `versionConflict` if the last attempt met one; `outcomeUnknown` if repeating
    ///   the append did not settle it; what reading and appending throw; `CancellationError` when cancelled between
    ///   attempts.
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
    private func appendSettled(
        _ append: StreamAppend, retry: ConflictRetry, clock: any Clock<Duration>
    ) async throws -> AppendResult {
        let appendID = AppendID()
        for attempt in 1..<max(retry.maximumAttempts, 1) {
            do {
                return try await self.append(append, id: appendID)
            } catch {
                guard error.code == .outcomeUnknown else { throw error }
            }
            try await clock.sleep(for: retry.delay(after: attempt, fraction: .random(in: 0...1)))
        }
        return try await self.append(append, id: appendID)
    }
}
