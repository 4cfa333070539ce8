/// Which target may import which: the table of the house. A target may import only what it points to here; the tests beside
/// this file hold every source file to it, and `Package.swift` to its list of targets.
///
/// To add a target, add a line. To add an arrow, ask first whether the code is in the right target.
enum Arrows {
    struct Target {
        /// Where its files are, from the package's root.
        let folder: String
        /// Targets of ours that it may import.
        let ours: Set<String>
        /// Modules of others that it may import, beside those everybody may.
        let others: Set<String>

        init(_ folder: String, _ ours: Set<String> = [], others: Set<String> = []) {
            self.folder = folder
            self.ours = ours
            self.others = others
        }
    }

    /// Modules of the toolchain and the platforms, which everybody may import.
    static let platform: Set<String> = [
        "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Swift", "Synchronization",
    ]

    /// What a library that runs as a service may import. Not in this list, for no library: ArgumentParser, a web framework,
    /// swift-nio, swift-atomics, swift-syntax.
    static let service: Set<String> = [
        "AsyncAlgorithms", "BasicContainers", "Collections", "Crypto", "DequeModule", "HeapModule", "Instrumentation",
        "Logging", "Metrics", "OrderedCollections", "ServiceLifecycle", "Tracing",
    ]

    /// What a program may import on top.
    static let program = service.union([
        "ArgumentParser", "AsyncHTTPClient", "Configuration", "HTTPTypes", "Hummingbird", "Mustache", "NIOCore",
        "ServiceContextModule", "UnixSignals",
    ])

    private static let store: Set = ["EventSourcing", "Postgres", "PostgresEventStore", "Migrations"]
    private static let features = store.union(["Outbox", "Projections", "Resilience", "Sagas"])
    private static let libraries = features.union(["EmbeddedPostgres", "SinkHTTP", "Skald"])

    static let table: [String: Target] = [
        // The libraries, lowest first. Never: EventSourcing and Postgres, Projections and Sagas, in either direction.
        "CLibPQ": Target("Sources/CLibPQ"),
        "EmbedSQL": Target("Sources/EmbedSQL", others: ["PackagePlugin"]),
        "Migrations": Target("Migrations"),
        "EventSourcing": Target("Sources/EventSourcing", others: ["Collections", "DequeModule"]),
        "Resilience": Target("Sources/Resilience", others: ["Metrics"]),
        "Postgres": Target("Sources/Postgres", ["CLibPQ"], others: service),
        "PostgresEventStore": Target(
            "Sources/PostgresEventStore", ["EventSourcing", "Postgres", "Migrations"], others: service),
        "Projections": Target("Sources/Projections", store, others: service),
        "Outbox": Target("Sources/Outbox", store, others: service),
        // The one broker client in pure Swift brings swift-nio's buffers with it.
        "SinkHTTP": Target(
            "Sources/SinkHTTP", ["Outbox"],
            others: service.union(["AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOPosix"])),
        "Sagas": Target("Sources/Sagas", store.union(["Outbox", "Resilience"]), others: service),
        "Skald": Target("Sources/Skald", features),
        "EmbeddedPostgres": Target("Sources/EmbeddedPostgres"),
        "PrometheusMetrics": Target("Sources/PrometheusMetrics", others: ["CoreMetrics"]),
        "SkaldTesting": Target("Sources/SkaldTesting", libraries, others: service.union(["Testing"])),

        // The programs: anything above but SkaldTesting, which would drag libTesting along.
        "SkaldCLI": Target("Sources/SkaldCLI", libraries, others: program),
        "OutboxRelay": Target("Sources/OutboxRelay", libraries.union(["PrometheusMetrics"]), others: program),
        "Booking": Target("SampleApps/Booking", libraries, others: program.union(["NIOHTTP1"])),
        "bench": Target("Tests/Performance", libraries, others: program),
        "SagaProgram": Target("Tests/SagaProgram", libraries, others: program),
    ].merging(tests.map { ($0, Target("Tests/\($0)", everything, others: testing)) }) { line, _ in line }

    private static let tests = [
        "ArchitectureTests", "BookingTests", "CommandTests", "DocumentationTests", "EmbeddedPostgresTests",
        "EventSourcingTests", "MetricsTests", "OutboxRelayTests", "OutboxTests", "PostgresEventStoreTests",
        "PostgresTests",
        "ProjectionsTests", "PrometheusMetricsTests", "ResilienceTests", "SagasTests", "SkaldTestingTests",
    ]
    private static let everything = libraries.union([
        "Booking", "OutboxRelay", "PrometheusMetrics", "SagaProgram", "SkaldCLI", "SkaldTesting",
    ])
    private static let testing = program.union([
        "CoreMetrics", "HummingbirdTesting", "MetricsTestKit", "NIOHTTP1", "Testing",
    ])

    /// Every module of ours, so that what is neither ours nor in a list of others' can be told apart in the message.
    static var ourModules: Set<String> { Set(table.keys) }
}
