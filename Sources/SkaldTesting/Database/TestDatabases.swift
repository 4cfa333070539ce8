import EmbeddedPostgres

/// Makes templates and their copies, one after the other: PostgreSQL copies a database only while nobody uses it.
actor TestDatabases {
    static let shared = TestDatabases()

    /// The most databases of a server that are closed and not yet removed, at some 8 MB each.
    private let discardedAtMost: Int
    private var prepared: Set<Key> = []
    private var discarded: [String: [String]] = [:]
    private var made = 0
    private var busy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    private struct Key: Hashable {
        let socketFolder: String
        let template: String
    }

    init(discardedAtMost: Int = 64) {
        self.discardedAtMost = discardedAtMost
    }

    func make(_ template: TestTemplate, on server: EmbeddedPostgres) async throws -> TestDatabase {
        await enter()
        defer { leave() }
        try Task.checkCancellation()
        let copied = "template_\(template.name)"
        let key = Key(socketFolder: server.socketFolder, template: template.name)
        if !prepared.contains(key) {
            try await Self.prepare(template, as: copied, on: server)
            prepared.insert(key)
        }
        made += 1
        let name = "test_\(made)_\(template.name)"
        try await server.createDatabase(name, template: copied)
        return TestDatabase(server: server, name: name, rolePrefix: template.rolePrefix)
    }

    func discard(_ database: TestDatabase) async throws {
        let server = database.server
        _ = try await server.psql(Self.closing(database.name))
        discarded[server.socketFolder, default: []].append(database.name)
        guard let names = discarded[server.socketFolder], names.count > discardedAtMost else { return }
        discarded[server.socketFolder] = nil
        // Only to save room: the server goes with the process. Removing a database waits for every backend of the server,
        // also for one that a test has stopped or whose client reads nothing, and that must fail nobody else's test.
        let script = names.map { "drop database \"\($0)\" with (force);\n" }.joined()
        _ = try? await server.psql("\\set ON_ERROR_STOP 0\nset statement_timeout = '30s';\n" + script)
    }

    private static func prepare(_ template: TestTemplate, as name: String, on server: EmbeddedPostgres) async throws {
        // One that an earlier caller left half made.
        try await server.dropDatabase(name)
        try await server.createDatabase(name)
        try await template.prepare(TestDatabase(server: server, name: name, rolePrefix: template.rolePrefix))
        _ = try await server.psql(logins(template.rolePrefix) + closing(name))
    }

    /// A login for each of the group roles that the preparation made.
    private static func logins(_ prefix: String) -> String {
        let roles = TestDatabase.Role.allCases.filter { $0 != .owner }
        let values = roles.map { "('\(prefix)_\($0.rawValue)', '\(TestDatabase.login($0, prefix: prefix))')" }
        return """
            select format('create role %I login in role %I', login, groups.rolname)
              from (values \(values.joined(separator: ", "))) as wanted (member_of, login)
              join pg_catalog.pg_roles as groups on groups.rolname = member_of
             where not exists (select from pg_catalog.pg_roles where rolname = login)
            \\gexec

            """
    }

    /// Nobody may connect any more, and who still is connected goes, or the copying would fail.
    private static func closing(_ name: String) -> String {
        """
        alter database "\(name)" with allow_connections false;
        select pg_catalog.pg_terminate_backend(pid, 5000) from pg_catalog.pg_stat_activity where datname = '\(name)';

        """
    }

    // First come, first served. A waiter that is cancelled meanwhile leaves at its turn.

    private func enter() async {
        if busy {
            await withCheckedContinuation { waiting.append($0) }
        }
        busy = true
    }

    private func leave() {
        if waiting.isEmpty {
            busy = false
        } else {
            // It stays busy: the turn is handed over.
            waiting.removeFirst().resume()
        }
    }
}
