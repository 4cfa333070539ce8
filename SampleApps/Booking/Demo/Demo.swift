import EmbeddedPostgres
import Foundation
import Logging
import Skald

/// Starts PostgreSQL and the services, plays the scenarios, and proves that nothing was lost.
struct Demo: Sendable {
    /// Short, so that a takeover after a kill can be watched. A real service keeps the default of 10 s.
    static let lease = Duration.seconds(2)
    static let seats = (1...80).flatMap { row in ["A", "B", "C", "D", "E", "F"].map { "\(row)\($0)" } }
    /// The crowd leaves the first row, and this hotel, to those who travel alone.
    static let crowdSeats = Array(seats.dropFirst(6)), quietHotel = "Astoria"
    static let hotels = ["Astoria": 40, "Bristol": 40, "Carlton": 40, "Dorchester": 40, "Excelsior": 40]

    static let stock = Stock.Request(seats: seats, hotels: hotels)

    let scenarios: [Scenario]
    var narrator = Narrator()
    /// The program that the services run in: this one, unless a test says otherwise.
    var program = Bundle.main.executableURL

    /// Runs it all, and then whatever is to be done while everything still runs. The verdict comes last, when the services
    /// have ended too; whatever goes wrong is part of the report.
    func run(whileItRuns: (Stage, Report) async throws -> Void) async -> Report {
        var report = Report()
        narrator.title("Skald: the booking demo")
        narrator.note(
            "4 services, each with a database of its own; leases of \(Self.lease.inWords); \(Self.build) build")
        do {
            try await EmbeddedPostgres.with(.init()) { server in
                narrator.line(
                    "✓", "PostgreSQL \(server.majorVersion) runs, durable", narrator.elapsed.inWords, style: .good)
                try await play(on: server, &report, whileItRuns)
            }
        } catch {
            report.failure = Self.words(of: error)
        }
        report.conclude(after: narrator.elapsed)
        if let failure = report.failure { narrator.line("✗", failure, style: .bad) }
        narrator.title(
            "\(report.holds ? "Everything holds" : "NOT everything holds"), after \(narrator.elapsed.inWords)")
        return report
    }

    private func play(
        on server: EmbeddedPostgres, _ report: inout Report, _ whileItRuns: (Stage, Report) async throws -> Void
    ) async throws {
        try await makeDatabases(on: server)
        narrator.line("✓", "four databases are made and migrated", narrator.elapsed.inWords, style: .good)
        // Beside the server's log: its watchdog removes them, even if this process is killed.
        let logs = URL(filePath: server.logFile).deletingLastPathComponent()
        let fleet = try Fleet(program: program, logs: logs, lease: Self.lease) {
            server.connectionString(database: $0.rawValue, user: "booking")
        }
        do {
            try await connected(to: server) { databases in
                let stage = Stage(
                    fleet: fleet, narrator: narrator, databases: databases,
                    visitorURL: server.connectionString(database: ServiceName.orders.rawValue, user: "visitor"))
                try await play(on: stage, &report, whileItRuns)
            }
        } catch {
            _ = await fleet.stop()
            throw error
        }
        let complaints = await fleet.stop()
        guard complaints.isEmpty else { throw DemoError(complaints.joined(separator: "\n")) }
    }

    private func play(
        on stage: Stage, _ report: inout Report, _ whileItRuns: (Stage, Report) async throws -> Void
    ) async throws {
        try await stage.start(stage.fleet.instances)
        narrator.line(
            "✓", "two orders, inventory, payments and notifications run", narrator.elapsed.inWords, style: .good)
        try await stage.fill(Self.stock)
        for scenario in scenarios { report.scenarios.append(await played(scenario, on: stage)) }
        narrator.title("The proof, by asking the four databases")
        report.proof = try await Proof(
            databases: stage.databases, stock: Self.stock, narrator: narrator,
            waiting: { try await stage.until($0, within: .seconds(30), every: .milliseconds(50), $1) }
        ).claims()
        report.conclude(after: narrator.elapsed)
        try await whileItRuns(stage, report)
    }

    private func played(_ scenario: Scenario, on stage: Stage) async -> Report.Scenario {
        narrator.title("(\(scenario.id)) \(scenario.title)")
        let began = ContinuousClock.now
        var result = Report.Scenario(id: scenario.id, title: scenario.title, holds: true, seconds: 0, numbers: [:])
        do {
            result.numbers = try await scenario.play(stage)
        } catch {
            result.holds = false
            result.failure = Self.words(of: error)
            narrator.line("✗", Self.words(of: error), style: .bad)
        }
        result.seconds = (.now - began) / .seconds(1)
        return result
    }

    /// All that is known: the database's errors tell little unless they are asked.
    private static func words(of error: any Error) -> String {
        (error as? PostgresError)?.debugDescription ?? "\(error)"
    }

    private static var build: String {
        #if DEBUG
            "debug"
        #else
            "release"
        #endif
    }

    /// Migrated once, then copied for each service.
    private func makeDatabases(on server: EmbeddedPostgres) async throws {
        try await server.createDatabase("template_skald")
        let url = server.connectionString(database: "template_skald")
        try await PostgresClient.with(.init(connectionString: url), logger: .silent) { client in
            _ = try await Migrator(client).apply()
        }
        _ = try await server.psql(
            """
            create role booking login; grant skald_writer to booking;
            create role visitor login; grant skald_operator to visitor;
            """)
        for service in ServiceName.allCases {
            try await server.createDatabase(service.rawValue, template: "template_skald")
            _ = try await server.psql(
                """
                create table deliveries (id uuid primary key, type text not null, times int not null);
                \(service.tables)
                grant select, insert, update, delete on all tables in schema public to booking;
                """, database: service.rawValue)
        }
    }

    private func connected<R>(
        to server: EmbeddedPostgres, _ body: ([ServiceName: PostgresClient]) async throws -> R
    ) async throws -> R {
        let clients = Dictionary(
            uniqueKeysWithValues: ServiceName.allCases.map { service in
                let url = server.connectionString(database: service.rawValue)
                return (service, PostgresClient(.init(connectionString: url), logger: .silent))
            })
        return try await withThrowingTaskGroup { group in
            for client in clients.values { group.addTask { try await client.run() } }
            defer { group.cancelAll() }
            for client in clients.values { try await client.ready() }
            return try await body(clients)
        }
    }
}

extension ServiceName {
    /// The tables of a service beside the framework's own.
    fileprivate var tables: String {
        switch self {
        case .orders: TripList.table
        case .inventory: Inventory.tables
        case .payments: Payments.tables
        case .notifications: Notifications.tables
        }
    }
}
