import ArgumentParser

/// Which store, and which tenant's part of it, a command works on.
struct ConnectionOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions

    @Option(help: ArgumentHelp("The tenant. Otherwise SKALD_TENANT, then the empty one.", valueName: "name"))
    var tenant: String?

    var tenantName: String { tenant ?? TenantFilter.standard ?? "" }
}
