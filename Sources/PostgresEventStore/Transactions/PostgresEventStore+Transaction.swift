import EventSourcing
import Postgres

extension PostgresEventStore {
    /// Runs `body` in one transaction: events, messages and the caller's own tables commit together or not at all.
    ///
    /// ```swift
    /// try await store.transaction { tx in
    ///     try await tx.append(events, to: stream, expecting: .version(7))
    ///     try await tx.execute("update seats set held = \(held) where id = \(seat)")
    /// }
    /// ```
    ///
    /// An open transaction that has appended holds the watermark back, and so every reader of the log. Keep it short: the
    /// server ends one that does nothing for `transactionIdleTimeout`, and all of it must be over in `transactionTimeout`:
    /// after that every statement and the commit fail with code `deadlineExceeded`, and it is rolled back.
    ///
    /// `body` is run again, from its beginning, up to `transactionAttempts` times in all, when the transaction was certainly
    /// rolled back for one of these causes: a deadlock (SQLSTATE 40P01), a serialization failure (40001), a prepared
    /// statement whose tables were changed, or a connection that was lost before the commit was sent. So let it have no
    /// effects besides the transaction's. It is not run again when the server ended the session because the transaction
    /// did nothing for longer than `transactionIdleTimeout`, when its time is up, or when the answer to the commit was lost.
    ///
    /// - Throws: what `body` throws; a `PostgresError` with outcome `unknown` if the answer to the commit was lost, with
    ///   SQLSTATE 25P03 in its `underlying` if the transaction idled for too long, with code `deadlineExceeded` if it was
    ///   not over in time.
    public func transaction<R>(_ body: (Transaction) async throws -> R) async throws -> R {
        try await transaction(within: configuration.transactionTimeout, body)
    }

    private func transaction<R>(
        within timeout: Duration, _ body: (Transaction) async throws -> R
    ) async throws -> R {
        await sender.prepare(until: .now + timeout)
        let idle = "\(configuration.transactionIdleTimeout.wholeMilliseconds)ms"
        let lock = "\(timeout.wholeMilliseconds)ms"
        var appended: [(result: AppendResult, events: Int)] = []
        var refusal: EventStoreError?
        let result: R
        do {
            result = try await client.withTransaction(
                maximumAttempts: configuration.transactionAttempts, deadline: timeout
            ) { postgres in
                refusal = nil
                appended = []
                try await postgres.execute(
                    "select set_config('idle_in_transaction_session_timeout', \(idle), true), set_config('lock_timeout', \(lock), true)"
                )
                let transaction = Transaction(postgres, store: self)
                do {
                    let result = try await body(transaction)
                    appended = transaction.appended
                    return result
                } catch let error as EventStoreError {
                    // The client decides by the server's error whether to run it again, so that is what it must see.
                    guard let cause = error.underlying as? PostgresError else { throw error }
                    refusal = error
                    throw cause
                }
            }
        } catch {
            if let idled = (error as? PostgresError)?.idledOut(after: configuration.transactionIdleTimeout) {
                throw idled
            }
            if !appended.isEmpty, (error as? PostgresError)?.outcome == .unknown { metrics.commitUnknown() }
            if error is CancellationError { throw error }  // between two attempts: what the first met was to pass
            throw refusal ?? error
        }
        if !appended.isEmpty { transactionCommitted() }
        for append in appended { metrics.committed(append.result, events: append.events) }
        return result
    }

    /// Appends to several streams in one transaction. The rules are those of an append to one stream: it is let in only while
    /// the store runs; what failed for a passing cause is tried again, and what may have happened is asked for by its id,
    /// until its time is up; and once it may have happened, nothing but a verdict on it is definite.
    func appendAtomically(_ appends: [StreamAppend], id: AppendID?) async throws(EventStoreError) -> [AppendResult] {
        try pipeline.enter()
        defer { pipeline.leave() }
        let id = id ?? AppendID()
        let encoded = appends.map { EncodedAppend($0, id: id) }
        let deadline = ContinuousClock.now + configuration.appendTimeout
        var attempts = 0
        var isUnknown = false
        while true {
            do {
                return try await appendOnce(encoded, id: id, until: deadline)
            } catch {
                isUnknown = isUnknown || error.outcome == .unknown
                let isOver = error.outcome == .failed || deadline <= .now || !pipeline.isRunning || Task.isCancelled
                if isOver { throw isUnknown && !error.isVerdict ? .unknown(encoded[0], because: error) : error }
            }
            await AppendSender.pause(attempts: attempts, until: deadline)
            attempts += 1
        }
    }

    private func appendOnce(
        _ appends: [EncodedAppend], id: AppendID, until deadline: ContinuousClock.Instant
    ) async throws(EventStoreError) -> [AppendResult] {
        // In the order of their names, so that two such appends cannot deadlock; in one round trip, because their marker
        // stands for as long as they do.
        let order = appends.indices.sorted { appends[$0].stream < appends[$1].stream }
        let timeout = min(configuration.transactionTimeout, max(ContinuousClock.now.duration(to: deadline), .zero))
        do {
            return try await transaction(within: timeout) { tx in
                let outcomes = try await tx.append(order.map { appends[$0] })
                var results: [AppendResult?] = Array(repeating: nil, count: appends.count)
                var conflicts: [Int: VersionConflict] = [:]
                for (index, outcome) in zip(order, outcomes) {
                    do throws(EventStoreError) {
                        results[index] = try outcome.get()
                    } catch {
                        guard error.code == .versionConflict else { throw error }
                        conflicts[index] = error.conflicts.first
                    }
                }
                guard conflicts.isEmpty else {
                    throw EventStoreError.versionConflict(appends.indices.compactMap { conflicts[$0] })
                }
                let known = results.compactMap(\.self)
                // All of it was done before, or none: anything between is another append under the same id.
                guard Set(known.map(\.wasReplayed)).count == 1 else {
                    throw EventStoreError.appendIDReused(id, stream: appends[order[0]].stream)
                }
                return known
            }
        } catch let error as EventStoreError {
            throw error
        } catch let error as PostgresError {
            throw EventStoreError(appending: error, id: id)
        } catch is CancellationError {  // between two attempts, of which the first was rolled back
            throw .cancelled
        } catch {
            throw EventStoreError(.unavailable, "\(error)")
        }
    }
}

extension PostgresError {
    /// The same error in the store's terms, where the server has ended an idle transaction.
    fileprivate func idledOut(after timeout: Duration) -> PostgresError? {
        guard sqlState == .idleInTransactionSessionTimeout else { return nil }
        return PostgresError(
            .connectionLost,
            "the server ended the transaction, because it had done nothing for longer than transactionIdleTimeout "
                + "(\(timeout)); nothing was committed",
            hint: "Do slow work before the transaction or after it, or raise transactionIdleTimeout.", outcome: .failed,
            underlying: self)
    }
}

extension Duration {
    /// Whole milliseconds, at least 1.
    var wholeMilliseconds: Int64 {
        max(1, components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000)
    }
}
