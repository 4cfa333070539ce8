public import EmbeddedPostgres
import Testing

/// A database of a suite's own on the process's shared private server, so that suites run in parallel.
///
/// Tests work as ``Role/writer`` or ``Role/reader``, as services do; the owner is for setting up and looking behind.
public struct TestDatabase: Sendable {
    /// Who connects.
    public enum Role: String, Sendable, CaseIterable {
        /// The superuser: may do everything, so use it for setting up only.
        case owner
        /// A login in the group of the template's writers.
        case writer
        /// A login in the group of the template's readers.
        case reader
        /// A login in the group of the template's operators.
        case `operator`
    }

    /// The server. It is shared: for killing, pausing or restarting start one of your own.
    public let server: EmbeddedPostgres
    /// The database's name.
    public let name: String
    let rolePrefix: String

    /// A connection string for libpq.
    public func connectionString(_ role: Role = .writer) -> String {
        server.connectionString(database: name, user: user(role))
    }

    /// The name of the role that connects.
    public func user(_ role: Role) -> String {
        role == .owner ? server.superuser : Self.login(role, prefix: rolePrefix)
    }

    /// Runs a script with `psql`, to make the tables of a test or to look behind, and gives what it printed: rows by
    /// line, columns parted by `|`.
    @discardableResult
    public func psql(_ script: String, as role: Role = .owner) async throws -> String {
        try await server.psql(script, database: name, user: user(role))
    }

    /// The same database on another server: a standby's copy of it.
    public func on(_ server: EmbeddedPostgres) -> TestDatabase {
        TestDatabase(server: server, name: name, rolePrefix: rolePrefix)
    }

    static func login(_ role: Role, prefix: String) -> String {
        "\(prefix)_test_\(role.rawValue)"
    }
}

/// Gives `body` a new database, a copy of the template's, and closes it afterwards.
///
/// Where it has an event log, the log is looked over at the end (``TestDatabase/logFlaws()``): a test that appends and leaves
/// versions with holes has failed, whatever it expected.
///
/// Closed means that every connection to it is ended and none can be made. The files go with the server, or some
/// dozens at a time: removing a database makes PostgreSQL write a checkpoint, which costs up to a second.
///
/// - Parameters:
///   - template: what the database contains; nothing by default.
///   - server: the server; the process's shared one by default. A server of one's own may be killed and paused.
///   - log: how `body` leaves the log.
public func withTestDatabase<R>(
    _ template: TestTemplate = .empty, on server: EmbeddedPostgres? = nil, log: LogAtTheEnd = .sound,
    _ body: (TestDatabase) async throws -> R
) async throws -> R {
    let server = if let server { server } else { try await EmbeddedPostgres.shared() }
    let database = try await TestDatabases.shared.make(template, on: server)
    do {
        let result = try await body(database)
        if case .sound = log { try await database.expectSoundLog() }
        try await TestDatabases.shared.discard(database)
        return result
    } catch {
        // A failing test's own error is the one to show; the database goes with the server at the latest.
        try? await TestDatabases.shared.discard(database)
        throw error
    }
}
