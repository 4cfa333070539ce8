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
    /// server ends one that does nothing for `transactionIdleTimeout`, and all of it must be over in `transactionTimeout`.
    /// `body` is run again, from its beginning, when the server reports a deadlock or a serialization failure.
    ///
    /// - Throws: what `body` throws; a `PostgresError` with outcome `unknown` if the answer to the commit was lost.
    public func transaction<R>(_ body: (Transaction) async throws -> R) async throws -> R {
        let idle = "\(configuration.transactionIdleTimeout.wholeMilliseconds)ms"
        let lock = "\(configuration.transactionTimeout.wholeMilliseconds)ms"
        var appended: [(result: AppendResult, events: Int)] = []
        var refusal: EventStoreError?
        let result: R
        do {
            result = try await client.withTransaction(maximumAttempts: configuration.transactionAttempts) { postgres in
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
            if !appended.isEmpty, (error as? PostgresError)?.outcome == .unknown { metrics.commitUnknown() }
            throw refusal ?? error
        }
        if !appended.isEmpty { transactionCommitted() }
        for append in appended { metrics.committed(append.result, events: append.events) }
        return result
    }

    /// Waits for a connection as long as an append may take, and not only as long as the client lets a caller wait.
    private func transactionWhenFree<R>(_ body: (Transaction) async throws -> R) async throws -> R {
        let deadline = ContinuousClock.now + configuration.appendTimeout
        while true {
            do {
                return try await transaction(body)
            } catch let error as PostgresError where error.code == .poolTimeout && ContinuousClock.now < deadline {
                continue  // it was never begun
            }
        }
    }

    /// Appends to several streams in one transaction, in the order of their names so that two such appends cannot deadlock.
    func appendAtomically(_ appends: [StreamAppend], id: AppendID?) async throws(EventStoreError) -> [AppendResult] {
        let id = id ?? AppendID()
        let encoded = appends.map { EncodedAppend($0, id: id) }
        let order = encoded.indices.sorted { encoded[$0].stream < encoded[$1].stream }
        do {
            return try await transactionWhenFree { tx in
                var results: [AppendResult?] = Array(repeating: nil, count: encoded.count)
                var conflicts: [Int: VersionConflict] = [:]
                for index in order {
                    do {
                        results[index] = try await tx.append(encoded[index])
                    } catch let error as EventStoreError where error.code == .versionConflict {
                        conflicts[index] = error.conflicts.first
                    }
                }
                guard conflicts.isEmpty else {
                    throw EventStoreError.versionConflict(encoded.indices.compactMap { conflicts[$0] })
                }
                let known = results.compactMap(\.self)
                // All of it was done before, or none: anything between is another append under the same id.
                guard Set(known.map(\.wasReplayed)).count == 1 else {
                    throw EventStoreError.appendIDReused(id, stream: encoded[order[0]].stream)
                }
                return known
            }
        } catch let error as EventStoreError {
            throw error
        } catch let error as PostgresError {
            throw EventStoreError(appending: error)
        } catch {
            throw EventStoreError(.unavailable, "\(error)")
        }
    }
}

extension Duration {
    /// Whole milliseconds, at least 1.
    var wholeMilliseconds: Int64 {
        max(1, components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000)
    }
}
