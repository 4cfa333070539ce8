import ArgumentParser
import EmbeddedPostgres
import Postgres
import PostgresEventStore
import ServiceLifecycle
import UnixSignals

/// `skald dev`
struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev", abstract: "Runs a private PostgreSQL with a migrated store, for development.",
        discussion: """
            The first line of its output is the connection string. The data is kept in the folder between runs; the server \
            listens on a Unix socket only, and ends with this program. Programs use it by

              SKALD_URL="$(head -n1 …)"

            It runs until it is interrupted.
            """)

    @Argument(help: ArgumentHelp("Where the data is kept. It is made if missing.", valueName: "folder"))
    var folder: String = ".skald"

    @Option(help: ArgumentHelp("The name of the database.", valueName: "name"))
    var database: String = "skald"

    @OptionGroup var store: SchemaOption

    @Flag(help: "Print the connection string in a JSON document.")
    var json = false

    func run() async throws {
        // The group catches signals before the server starts: one that comes while it does must not leave it behind.
        let service = DevServer { try await serve() }
        try await ServiceGroup(
            configuration: .init(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigint, .sigterm], logger: .quiet)
        ).run()
    }

    private func serve() async throws {
        let server: EmbeddedPostgres
        do {
            server = try await EmbeddedPostgres.start(.init(storage: .folder(folder)))
        } catch {
            throw CommandFailure(.failure, "the private PostgreSQL did not start", why: error.message)
        }
        do {
            let url = try await prepare(server)
            Terminal.write((json ? (["url": .string(url)] as OutputJSON).text : url) + "\n")
            Terminal.writeError("PostgreSQL \(server.majorVersion) with data in \(folder); end it with Ctrl-C.\n")
            try? await gracefulShutdown()
            try await server.stop()
        } catch {
            try? await server.stop()  // the error that led here is the one to tell
            throw error
        }
    }

    private func prepare(_ server: EmbeddedPostgres) async throws -> String {
        let found = try await server.psql("select 1 from pg_database where datname = '\(quoted(database))'")
        if found.isEmpty { try await server.createDatabase(database) }
        let url = server.connectionString(database: database)
        let choice = ConnectionChoice(flag: url, environment: [:])
        do {
            try await PostgresClient.with(.init(connectionString: url), logger: .quiet) { client in
                _ = try await Migrator(client, schema: SchemaName(store.name)).apply()
            }
        } catch let error as MigrationError {
            throw CommandFailure(error, choice: choice, schema: store.name)
        }
        return url
    }

    private func quoted(_ text: String) -> String { text.replacing("'", with: "''") }
}

/// The server for as long as the program runs.
private struct DevServer: Service {
    let body: @Sendable () async throws -> Void

    func run() async throws { try await body() }
}
