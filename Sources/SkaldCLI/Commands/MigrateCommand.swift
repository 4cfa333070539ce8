import ArgumentParser
import Migrations
import PostgresEventStore

/// `skald migrate`
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "The schema: what it has, what it needs, and bringing it there.",
        subcommands: [MigratePlanCommand.self, MigrateApplyCommand.self, MigrateStatusCommand.self])
}

/// `skald migrate plan`
struct MigratePlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows what 'skald migrate apply' would run, and changes nothing.")

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Show the SQL too, as it would run in this schema.")
    var sql = false

    func run() async throws {
        try await Store.withMigrator(database) { migrator in
            let pending = try await migrator.plan()
            let json: OutputJSON = [
                "schema": .string(migrator.schema.name),
                "pending": .array(
                    pending.map { migration in
                        [
                            "number": .integer(Int64(migration.number)), "file": .string(migration.fileName),
                            "checksum": .string(migration.checksum),
                            "sql": sql ? .string(migrator.script(of: migration)) : .null,
                        ]
                    }),
            ]
            output.show(json) { _ in
                guard !pending.isEmpty else { return ["schema \(migrator.schema) is up to date: nothing to apply"] }
                return pending.flatMap { sql ? [migrator.script(of: $0)] : [$0.fileName] }
            }
        }
    }
}

/// `skald migrate apply`
struct MigrateApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Applies what is pending, each file in a transaction of its own.",
        discussion: """
            It may run in several places at once: one works, the others wait and find nothing left to do. Services of this \
            version and the one before that are running go on working, now and afterwards. A version that does not know \
            the new schema cannot be started any more: have the new one ready.
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Store.withMigrator(database) { migrator in
            let applied = try await migrator.apply()
            let json: OutputJSON = [
                "schema": .string(migrator.schema.name), "applied": .array(applied.map { .string($0.fileName) }),
            ]
            output.show(json) { _ in
                applied.isEmpty
                    ? ["schema \(migrator.schema) is up to date: nothing to apply"]
                    : applied.map { "applied \($0.fileName)" }
            }
        }
    }
}

/// `skald migrate status`
struct MigrateStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows what was applied, when and by whom, and what is pending.",
        discussion: "With --check it ends with status 4 unless the schema is exactly what this program needs.")

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Fail unless the schema is current.")
    var check = false

    func run() async throws {
        try await Store.withMigrator(database) { migrator in
            let report = MigrationReport(try await migrator.status())
            output.show(report.json) { report.lines($0) }
            if check { try report.status.requireCurrent() }
        }
    }
}
