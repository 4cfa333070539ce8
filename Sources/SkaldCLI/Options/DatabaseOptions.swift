import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which database and which schema of it a command works on: all that those ask for that are about no tenant.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The database: a libpq connection string or URL.",
            discussion: "Otherwise SKALD_URL, then DATABASE_URL, then libpq's PG* variables.", valueName: "url"))
    var url: String?

    @OptionGroup var store: SchemaOption

    var choice: ConnectionChoice { ConnectionChoice(flag: url, environment: ProcessInfo.processInfo.environment) }
    var schemaName: String { store.name }
}

/// The schema of the store.
struct SchemaOption: ParsableArguments {
    @Option(help: ArgumentHelp("The schema of the store. Otherwise SKALD_SCHEMA, then 'skald'.", valueName: "name"))
    var schema: String?

    var name: String { schema ?? ProcessInfo.processInfo.environment["SKALD_SCHEMA"] ?? "skald" }
}
