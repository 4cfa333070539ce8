public import Testing

/// Gives a suite a database of its own, made before its first test and removed after its last.
///
///     @Suite(.testDatabase(migrated)) struct AppendTests {
///         @Test func `an append is read back`() async throws {
///             let database = try TestDatabase.current
///         }
///     }
public struct TestDatabaseTrait: SuiteTrait, TestTrait, TestScoping {
    let template: TestTemplate
    let log: LogAtTheEnd

    /// Runs the suite, or the single test, with the database as ``TestDatabase/current``.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await withTestDatabase(template, log: log) { database in
            try await TestDatabase.$scoped.withValue(database) { try await function() }
        }
    }
}

extension Trait where Self == TestDatabaseTrait {
    /// A database of the suite's (or test's) own, a copy of the template's; its log is looked over after the last test.
    public static func testDatabase(
        _ template: TestTemplate = .empty, log: LogAtTheEnd = .sound, sourceLocation: SourceLocation = #_sourceLocation
    ) -> Self {
        TestDatabaseTrait(template: template, log: log)
    }
}

extension TestDatabase {
    @TaskLocal static var scoped: TestDatabase?

    /// The database of the running suite or test.
    ///
    /// - Throws: ``NoTestDatabase`` where neither has the trait `.testDatabase()`.
    public static var current: TestDatabase {
        get throws(NoTestDatabase) {
            guard let scoped else { throw NoTestDatabase() }
            return scoped
        }
    }
}
