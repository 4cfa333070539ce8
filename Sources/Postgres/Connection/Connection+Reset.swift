// Leaving nothing in the session for the next one who gets the connection.
extension Connection {
    /// Has the session's settings, locks, temporary tables, cursors and LISTENs dropped.
    ///
    /// What a function or a `do` block leaves behind shows in no answer of the server's, so it is done after every loan. It
    /// is not waited for: whoever gets the connection next is served behind it. Where it fails, the connection ends.
    nonisolated func reset(patience: Duration) {
        isDirty = false
        let request = Request(
            .batch(Self.resetting), deadline: .now + patience, isCancellable: false, isPreparable: false)
        request.promise.whenComplete { [weak self] result in
            if case .failure(let error) = result { self?.assumeIsolated { $0.end(error) } }
        }
        post(.submit(request))
    }

    /// What `discard all` does, but for the prepared statements, which are worth keeping.
    private static let resetting: [SQL] = [
        "close all", "set session authorization default", "reset all", "unlisten *",
        "select pg_catalog.pg_advisory_unlock_all()", "discard temp", "discard sequences",
    ]
}
