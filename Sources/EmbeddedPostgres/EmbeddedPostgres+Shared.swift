import Synchronization

extension EmbeddedPostgres {
    /// The one server that all test suites of a process share, started at the first call.
    ///
    /// It takes 500 connections. Give each suite a database of its own, and do not kill or stop this one. It ends with the process.
    public static func shared() async throws(EmbeddedPostgresError) -> EmbeddedPostgres {
        try await onHelperThread { () throws(EmbeddedPostgresError) in
            // Those who come second wait here, on threads of their own, until it is started.
            try sharedServer.withLock { (server) throws(EmbeddedPostgresError) in
                if let server { return server }
                let started = try EmbeddedPostgres(Configuration(maximumConnections: 500))
                server = started
                return started
            }
        }
    }
}

private let sharedServer = Mutex<EmbeddedPostgres?>(nil)
