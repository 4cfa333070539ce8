// swift-tools-version: 6.2
import PackageDescription

// One package. Which target may import which stands in one table, `Tests/ArchitectureTests/Arrows.swift`, and a test
// holds every source file to it; the lists below only tell the build what to link.

let package = Package(
    name: "skald",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Skald", targets: ["Skald"]),
        .library(name: "Postgres", targets: ["Postgres"]),
        .library(name: "EventSourcing", targets: ["EventSourcing"]),
        .library(name: "PostgresEventStore", targets: ["PostgresEventStore"]),
        .library(name: "Projections", targets: ["Projections"]),
        .library(name: "Outbox", targets: ["Outbox"]),
        .library(name: "Sagas", targets: ["Sagas"]),
        .library(name: "Resilience", targets: ["Resilience"]),
        .library(name: "SinkHTTP", targets: ["SinkHTTP"]),
        .library(name: "EmbeddedPostgres", targets: ["EmbeddedPostgres"]),
        .library(name: "SkaldTesting", targets: ["SkaldTesting"]),
        .executable(name: "skald", targets: ["SkaldCLI"]),
        .executable(name: "outbox-relay", targets: ["OutboxRelay"]),
        .executable(name: "booking", targets: ["Booking"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The libraries, lowest first.
        .systemLibrary(
            name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .plugin(name: "EmbedSQL", capability: .buildTool(), path: "Sources/EmbedSQL"),
        .target(name: "Migrations", path: "Migrations", plugins: ["EmbedSQL"]),
        .target(name: "EventSourcing"),
        .target(name: "Resilience"),
        .target(
            name: "Postgres",
            dependencies: [
                "CLibPQ",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .target(
            name: "PostgresEventStore",
            dependencies: [
                "EventSourcing", "Migrations", "Postgres",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .target(name: "Projections", dependencies: ["PostgresEventStore"] + service),
        .target(name: "Outbox", dependencies: ["PostgresEventStore"] + service),
        .target(
            name: "SinkHTTP",
            dependencies: [
                "Outbox", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ] + service),
        .target(name: "Sagas", dependencies: ["Outbox", "Resilience"] + service),
        .target(
            name: "Skald",
            dependencies: [
                "EventSourcing", "Outbox", "Postgres", "PostgresEventStore", "Projections", "Resilience", "Sagas",
            ]),
        .target(name: "EmbeddedPostgres"),
        .target(name: "PrometheusMetrics", dependencies: [coreMetrics]),
        .target(name: "SkaldTesting", dependencies: ["EmbeddedPostgres", "Migrations", "Skald"] + service),

        // The programs.
        .executableTarget(
            name: "SkaldCLI",
            dependencies: [
                "EmbeddedPostgres", "EventSourcing", "Migrations", "Postgres", "PostgresEventStore", "Sagas",
                argumentParser, unixSignals,
            ] + service),
        .executableTarget(
            name: "OutboxRelay",
            dependencies: [
                "Outbox", "Postgres", "PostgresEventStore", "PrometheusMetrics", "SinkHTTP", argumentParser,
                configuration, hummingbird, unixSignals,
            ] + service),
        .executableTarget(
            name: "Booking",
            dependencies: ["EmbeddedPostgres", "SinkHTTP", "Skald", argumentParser, hummingbird],
            path: "SampleApps/Booking"),
        .executableTarget(
            name: "bench", dependencies: ["EmbeddedPostgres", "Skald", argumentParser] + service,
            path: "Tests/Performance", exclude: ["README.md"]),

        // Run by SagasTests, which kill and pause it.
        .executableTarget(
            name: "SagaProgram",
            dependencies: ["Postgres", "PostgresEventStore", "Resilience", "Sagas", unixSignals] + service,
            path: "Tests/SagaProgram"),

        // The tests.
        .testTarget(name: "ArchitectureTests"),
        .testTarget(name: "EmbeddedPostgresTests", dependencies: ["EmbeddedPostgres"]),
        .testTarget(name: "SkaldTestingTests", dependencies: ["EmbeddedPostgres", "SkaldTesting"]),
        .testTarget(name: "EventSourcingTests", dependencies: ["EventSourcing", "SkaldTesting"]),
        .testTarget(name: "PostgresTests", dependencies: ["EmbeddedPostgres", "Migrations", "Postgres"] + service),
        .testTarget(
            name: "PostgresEventStoreTests",
            dependencies: ["EmbeddedPostgres", "Migrations", "Postgres", "PostgresEventStore", "SkaldTesting"] + service
        ),
        .testTarget(name: "ProjectionsTests", dependencies: ["Projections", "SkaldTesting"] + service),
        .testTarget(
            name: "OutboxTests",
            dependencies: ["Outbox", "SinkHTTP", "SkaldTesting", hummingbird] + service),
        .testTarget(
            name: "OutboxRelayTests",
            dependencies: [
                "EmbeddedPostgres", "Outbox", "OutboxRelay", "Postgres", "SkaldTesting", argumentParser, hummingbird,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ] + service),
        .testTarget(name: "PrometheusMetricsTests", dependencies: ["PrometheusMetrics", coreMetrics]),
        .testTarget(name: "ResilienceTests", dependencies: ["Resilience"]),
        .testTarget(
            name: "SagasTests", dependencies: ["EmbeddedPostgres", "SagaProgram", "Sagas", "SkaldTesting"] + service),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "EmbeddedPostgres", "Migrations", "Postgres", "PostgresEventStore", "Sagas", "SkaldCLI", "SkaldTesting",
            ] + service),
        .testTarget(
            name: "DocumentationTests",
            dependencies: ["EmbeddedPostgres", "Skald", "SkaldTesting", unixSignals] + service),
        .testTarget(name: "BookingTests", dependencies: ["Booking", "SkaldTesting"] + service),
        .testTarget(
            name: "MetricsTests",
            dependencies: [
                "Skald", "SkaldTesting", coreMetrics, .product(name: "MetricsTestKit", package: "swift-metrics"),
            ] + service),
    ]
)

var service: [Target.Dependency] {
    [
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    ]
}
var coreMetrics: Target.Dependency { .product(name: "CoreMetrics", package: "swift-metrics") }
var unixSignals: Target.Dependency { .product(name: "UnixSignals", package: "swift-service-lifecycle") }
var argumentParser: Target.Dependency { .product(name: "ArgumentParser", package: "swift-argument-parser") }
var configuration: Target.Dependency { .product(name: "Configuration", package: "swift-configuration") }
var hummingbird: Target.Dependency { .product(name: "Hummingbird", package: "hummingbird") }

// Written once, for every target.
for target in package.targets where target.type != .system && target.type != .plugin {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),  // SE-0335
        .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
        .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
    ]
}
