import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Whose messages a command is about. Relays send those of every tenant, so all are meant unless one is named.
struct TenantFilter: ParsableArguments {
    @Option(help: ArgumentHelp("Only this tenant's. Otherwise SKALD_TENANT's, then every tenant's.", valueName: "name"))
    var tenant: String?

    var name: String? { tenant ?? Self.standard }

    /// As a flag, to be said again.
    var flag: String { tenant.map { " --tenant '\($0)'" } ?? "" }

    /// What the environment says.
    static var standard: String? { ProcessInfo.processInfo.environment["SKALD_TENANT"] }
}
