extension EmbeddedPostgres {
    /// The one server that all test suites of a process share, started at the first call.
    ///
    /// It takes 500 connections. Give each suite a database of its own, and do not kill or stop this one. It ends with
    /// the process. If it could not be started, every caller gets that error: it is not tried again.
    public static func shared() async throws(EmbeddedPostgresError) -> EmbeddedPostgres {
        // Those who come second wait for the first, on threads of their own.
        try await onHelperThread { () throws(EmbeddedPostgresError) in try sharedServer.get() }
    }
}

private let sharedServer = Result { () throws(EmbeddedPostgresError) in
    try EmbeddedPostgres(EmbeddedPostgres.Configuration(maximumConnections: 500))
}
