import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which store a command works on.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The database: a libpq connection string or URL.",
            discussion: "Otherwise SKALD_URL, then DATABASE_URL, then libpq's PG* variables.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("The schema of the store. Otherwise SKALD_SCHEMA, then 'skald'.", valueName: "name"))
    var schema: String?

    @Option(help: ArgumentHelp("The tenant. Otherwise SKALD_TENANT, then the empty one.", valueName: "name"))
    var tenant: String?

    var choice: ConnectionChoice { ConnectionChoice(flag: url, environment: Self.environment) }
    var schemaName: String { schema ?? Self.environment["SKALD_SCHEMA"] ?? "skald" }
    var tenantName: String { tenant ?? Self.environment["SKALD_TENANT"] ?? "" }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }
}
