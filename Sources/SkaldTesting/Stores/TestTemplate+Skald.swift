import Migrations
public import PostgresEventStore

extension TestTemplate {
    /// A database with Skald's schema, all migrations applied.
    public static let skald = TestTemplate("skald") { database in
        for migration in Migration.all {
            try await database.psql("\\set ON_ERROR_STOP on\nbegin;\n\(migration.sql)\ncommit;\n")
        }
    }
}
