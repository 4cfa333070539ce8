public import Logging
import Postgres

extension PostgresEventStore {
    /// Gives `body` a running store with a client of its own, and shuts both down when it is done: for a first program, a
    /// script or a test.
    ///
    /// ```swift
    /// try await PostgresEventStore.with(connectionString: url) { store in
    ///     try await store.execute(.hold(booking, until: noon), by: Seat(), on: "A1")
    /// }
    /// ```
    ///
    /// A service makes client and store itself and runs them in a `ServiceGroup` beside its other services.
    ///
    /// - Parameters:
    ///   - connectionString: libpq's, as in `PostgresClient.Configuration`.
    ///   - configuration: The store's limits and time-outs.
    ///   - migrating: Whether to apply missing migrations first, as a role that may create roles and schemas. Default:
    ///     false; a schema that is not what this program needs is then an error.
    ///   - logger: Gets messages at debug and info. Default: one labelled `skald`, of the logging system that the program
    ///     has set up.
    /// - Throws: What `body` throws; `MigrationError` where schema and program do not fit each other; `PostgresError` where
    ///   the connection string is not one.
    public static func with<R>(
        connectionString: String, configuration: Configuration = Configuration(), migrating: Bool = false,
        logger: Logger = Logger(label: "skald"), _ body: (PostgresEventStore) async throws -> R
    ) async throws -> R {
        try await PostgresClient.with(.init(connectionString: connectionString), logger: logger) { client in
            let migrator = try Migrator(client, schema: configuration.schema)
            if migrating { try await migrator.apply() } else { try await migrator.requireCurrent() }
            let store = PostgresEventStore(client, configuration: configuration, logger: logger)
            return try await withThrowingTaskGroup { group in
                group.addTask { try await store.run() }
                // Cancelling drains: whoever is in gets an answer before the client goes.
                defer { group.cancelAll() }
                await store.ready()
                return try await body(store)
            }
        }
    }
}
