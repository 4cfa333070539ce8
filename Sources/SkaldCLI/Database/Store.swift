import EventSourcing
import Logging
import Postgres
import PostgresEventStore

/// The store that a command works on: a client that lives for the command, and the names of schema and tenant.
struct Store: Sendable {
    let client: PostgresClient
    let schema: SchemaName
    let tenant: String

    /// Runs `body` with a connected client, and turns what the database says into failures that help.
    static func with<R>(_ options: ConnectionOptions, _ body: (Store) async throws -> R) async throws -> R {
        try await with(options.database, tenant: options.tenantName, body)
    }

    /// The same for what is about no tenant.
    static func with<R>(
        _ options: DatabaseOptions, tenant: String = "", _ body: (Store) async throws -> R
    ) async throws -> R {
        try await explained(options) {
            let schema = try SchemaName(options.schemaName)
            return try await withClient(options) { client in
                try await body(Store(client: client, schema: schema, tenant: tenant))
            }
        }
    }

    /// The same for the schema itself, which need not be there yet.
    static func withMigrator<R>(_ options: DatabaseOptions, _ body: (Migrator) async throws -> R) async throws -> R {
        try await explained(options) {
            try await withClient(options) { client in
                try await body(Migrator(client, schema: SchemaName(options.schemaName)))
            }
        }
    }

    private static func withClient<R>(
        _ options: DatabaseOptions, _ body: (PostgresClient) async throws -> R
    ) async throws -> R {
        var configuration = PostgresClient.Configuration(connectionString: options.choice.text)
        configuration.applicationName = "skald-cli"
        configuration.sharedConnections = 1
        return try await PostgresClient.with(configuration, logger: .quiet, body)
    }

    private static func explained<R>(_ options: DatabaseOptions, _ body: () async throws -> R) async throws -> R {
        let (choice, schema) = (options.choice, options.schemaName)
        do {
            return try await body()
        } catch let error as PostgresError {
            throw CommandFailure(error, choice: choice, schema: schema)
        } catch let error as EventStoreError {
            throw CommandFailure(error, choice: choice, schema: schema)
        } catch let error as MigrationError {
            throw CommandFailure(error, choice: choice, schema: schema)
        }
    }

    /// Runs a statement.
    func query(_ sql: SQL) async throws(PostgresError) -> Rows {
        try await client.query(sql)
    }

    /// The schema as an identifier for statements: `"select * from \(store.name).log_status()"`.
    var name: SQL { "\(identifier: schema.name)" }

    /// The store as a reader of events. It is not run: commands look themselves, they are not woken.
    func events(pollEvery interval: Duration = .seconds(1)) -> PostgresEventStore {
        var configuration = PostgresEventStore.Configuration()
        configuration.schema = schema
        configuration.tenant = tenant
        configuration.pollInterval = interval
        return PostgresEventStore(client, configuration: configuration, logger: .quiet)
    }
}

extension Logger {
    /// A command answers; it does not log.
    static var quiet: Logger { Logger(label: "skald") { _ in SwiftLogNoOpLogHandler() } }
}
