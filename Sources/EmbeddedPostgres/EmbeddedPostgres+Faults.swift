import Foundation
import Synchronization

extension EmbeddedPostgres {
    /// The process number of the server's main process, the latest one if it was started again.
    public var processID: Int32 { server.withLock { $0.postmaster.pid } }

    /// Starts the server again after ``kill()``; it recovers from its log. Nothing happens if it runs.
    public func start() async throws(EmbeddedPostgresError) {
        try await handle(.start)
    }

    /// An orderly stop that ends every connection, then a start. The connection strings stay the same.
    public func restart() async throws(EmbeddedPostgresError) {
        try await handle(.restart)
    }

    /// Kills every process of the server with `kill -9`, as a crash of the machine would. ``start()`` brings it back.
    public func kill() async throws(EmbeddedPostgresError) {
        try await handle(.kill)
    }

    /// Stops every process of the server where it stands (SIGSTOP): connections stay open and get no answer.
    public func pause() async throws(EmbeddedPostgresError) {
        try await handle(.pause)
    }

    /// Lets a paused server go on.
    public func resume() async throws(EmbeddedPostgresError) {
        try await handle(.resume)
    }

    /// Stops the server for good and removes its temporary folder; data in a named folder is kept.
    public func stop() async throws(EmbeddedPostgresError) {
        try await handle(.stop)
    }

    private func handle(_ event: ServerState.Event) async throws(EmbeddedPostgresError) {
        // One at a time: the lock is held for the whole operation, on a thread that may wait.
        try await onHelperThread { () throws(EmbeddedPostgresError) in
            try self.server.withLock { (server) throws(EmbeddedPostgresError) in try server.handle(event) }
        }
    }
}
