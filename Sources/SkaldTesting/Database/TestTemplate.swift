/// What a new test database contains: made once per process, then copied, which takes some tens of milliseconds.
///
///     let migrated = TestTemplate("skald") { database in
///         try await migrate(database.connectionString(.owner))
///     }
///
/// Two templates of one name are the same template: the closure of the first one used is run.
public struct TestTemplate: Sendable {
    /// Its name, and that of the database to copy.
    public let name: String
    /// What the group roles' names begin with: the roles are `<prefix>_writer`, `<prefix>_reader`, `<prefix>_operator`.
    public let rolePrefix: String
    let prepare: @Sendable (_ database: TestDatabase) async throws -> Void

    /// Describes a template.
    ///
    /// - Parameters:
    ///   - name: a name that no other template of the process has.
    ///   - rolePrefix: what the group roles' names begin with, "skald" by default.
    ///   - prepare: fills the empty database as its owner and closes its connections. Run again for the next caller if it throws.
    public init(
        _ name: String, rolePrefix: String = "skald",
        prepare: @escaping @Sendable (_ database: TestDatabase) async throws -> Void
    ) {
        self.name = name
        self.rolePrefix = rolePrefix
        self.prepare = prepare
    }

    /// An empty database, for tests of what needs no tables of ours.
    public static let empty = TestTemplate("empty") { _ in }
}
