import Synchronization

/// A private PostgreSQL server for tests, demonstrations and development.
///
/// It listens on a Unix socket only, in a folder that nobody else may open, and keeps PostgreSQL's durable settings:
/// what it acknowledged survives `kill -9`. It stops with the process that started it, even if that is killed.
///
///     try await EmbeddedPostgres.with { server in
///         try await server.createDatabase("orders")
///         connect(to: server.connectionString(database: "orders"))
///     }
///
/// PostgreSQL 15 or newer must be installed. Its programs are looked for in the folder that `SKALD_PG_BIN` names,
/// else in Debian's, Red Hat's, Homebrew's and Postgres.app's places, newest version first, then on `PATH`.
public final class EmbeddedPostgres: Sendable {
    /// The folder of the server's socket: what libpq calls `host`.
    public let socketFolder: String
    /// The folder of the data. Tests may copy it while the server is stopped.
    public let dataFolder: String
    /// The file that the server's log goes to.
    public let logFile: String
    /// The folder of PostgreSQL's programs (`psql`, `pgbench`, `pg_dump`).
    public let programFolder: String
    /// PostgreSQL's major version, such as 15.
    public let majorVersion: Int
    /// The superuser's name.
    public let superuser: String

    let runFolder: String
    let port: String
    let server: Mutex<Server>

    /// Makes a private server and waits until it accepts connections: about a second for new data.
    ///
    /// As root, the server runs as the user `postgres` or `nobody`. Connections need no password: the socket's folder
    /// lets in the server's user and root only, and either may connect under any role's name.
    ///
    /// - Throws: ``EmbeddedPostgresError`` with what is missing and how to get it.
    public static func start(
        _ configuration: Configuration = Configuration()
    ) async throws(EmbeddedPostgresError) -> EmbeddedPostgres {
        try await onHelperThread { () throws(EmbeddedPostgresError) in try EmbeddedPostgres(configuration) }
    }

    /// Runs a server for as long as `body` runs, and stops it however that ends.
    public static func with<R>(
        _ configuration: Configuration = Configuration(), _ body: (EmbeddedPostgres) async throws -> R
    ) async throws -> R {
        let server = try await start(configuration)
        do {
            let result = try await body(server)
            try await server.stop()
            return result
        } catch {
            // The body's own error is the one to show; the watchdog cleans up at the latest when we end.
            try? await server.stop()
            throw error
        }
    }

    /// Blocks until the server accepts connections.
    init(_ configuration: Configuration) throws(EmbeddedPostgresError) {
        let server = try Server(configuration)
        socketFolder = server.socketFolder
        dataFolder = server.cluster.dataFolder
        logFile = server.cluster.logFile
        programFolder = server.cluster.programs.folder
        majorVersion = server.cluster.programs.major
        superuser = configuration.superuser
        runFolder = server.runFolder
        port = configuration.settings["port"] ?? "5432"
        self.server = Mutex(server)
    }

    /// A connection string for libpq, in keyword/value form.
    ///
    /// - Parameters:
    ///   - database: the database, "postgres" unless given.
    ///   - user: the role, the superuser unless given.
    public func connectionString(database: String = "postgres", user: String? = nil) -> String {
        ConnectionString(parameters: [
            ("host", socketFolder), ("port", port), ("user", user ?? superuser), ("dbname", database),
        ]).text
    }
}
