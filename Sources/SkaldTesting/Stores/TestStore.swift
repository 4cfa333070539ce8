public import Logging
public import Postgres
public import PostgresEventStore

extension TestDatabase {
    /// Gives `body` a running event store on this database, with a client of its own, and shuts both down afterwards.
    ///
    /// - Parameters:
    ///   - role: Who connects. Default: the writer, as a service does.
    ///   - configuration: The store's.
    ///   - logger: Default: one that says nothing.
    public func withStore<R>(
        as role: Role = .writer, configuration: PostgresEventStore.Configuration = .init(),
        logger: Logger = .silent, _ body: (PostgresEventStore) async throws -> R
    ) async throws -> R {
        try await withClient(as: role, logger: logger) { client in
            let store = PostgresEventStore(client, configuration: configuration, logger: logger)
            return try await withThrowingTaskGroup { group in
                group.addTask { try await store.run() }
                defer { group.cancelAll() }
                await store.ready()
                return try await body(store)
            }
        }
    }

    /// Gives `body` a running client of this database.
    public func withClient<R>(
        as role: Role = .writer, logger: Logger = .silent, _ body: (PostgresClient) async throws -> R
    ) async throws -> R {
        try await PostgresClient.with(
            .init(connectionString: connectionString(role)), logger: logger, body)
    }
}

extension Logger {
    /// A logger that says nothing.
    public static var silent: Logger { Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() } }
}
