import Logging
import Outbox
import Postgres
import PostgresEventStore
import ServiceLifecycle
import SkaldTesting

/// A client as the writer of the test's database, and relays that are quick to act.
struct OutboxFixture: Sendable {
    let database: TestDatabase
    let client: PostgresClient
    let operatorClient: PostgresClient
    static let logger = Logger.silent

    static func with<R>(_ body: (OutboxFixture) async throws -> R) async throws -> R {
        try await withTestDatabase(.skald) { database in
            try await with(database, body)
        }
    }

    static func with<R>(_ database: TestDatabase, _ body: (OutboxFixture) async throws -> R) async throws -> R {
        let writer = PostgresClient.Configuration(connectionString: database.connectionString(.writer))
        let `operator` = PostgresClient.Configuration(connectionString: database.connectionString(.operator))
        return try await PostgresClient.with(writer, logger: logger) { client in
            try await PostgresClient.with(`operator`, logger: logger) { operatorClient in
                try await body(OutboxFixture(database: database, client: client, operatorClient: operatorClient))
            }
        }
    }

    static var quick: Relay.Configuration {
        var configuration = Relay.Configuration()
        configuration.lanes = 4
        configuration.leases = .init(duration: .seconds(1))
        configuration.pollInterval = .milliseconds(10)
        configuration.idleCursorInterval = .milliseconds(50)
        configuration.refusalBackoff = RelayBackoff(first: .milliseconds(10), longest: .milliseconds(40))
        configuration.unknownBackoff = RelayBackoff(first: .milliseconds(5), longest: .milliseconds(20))
        configuration.circuitBackoff = RelayBackoff(first: .milliseconds(10), longest: .milliseconds(40))
        configuration.housekeepingInterval = .milliseconds(100)
        return configuration
    }

    func relay(
        _ sink: any Sink, name: SinkName = "test", _ configuration: Relay.Configuration = OutboxFixture.quick
    ) -> Relay {
        Relay(name, client: client, sink: sink, configuration: configuration, logger: Self.logger)
    }

    /// Runs a relay for as long as `body` runs, then shuts it down gracefully.
    func running<R: Sendable>(_ relays: Relay..., body: () async throws -> R) async throws -> R {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let services = ServiceGroup(
                configuration: .init(
                    services: relays.map { .init(service: $0, successTerminationBehavior: .ignore) },
                    logger: Self.logger))
            group.addTask { try await services.run() }
            do {
                let result = try await body()
                await services.triggerGracefulShutdown()
                try await group.waitForAll()
                return result
            } catch {
                await services.triggerGracefulShutdown()
                throw error
            }
        }
    }

    @discardableResult
    func enqueue(_ messages: [OutboxMessage], to topic: String = "orders") async throws -> [Enqueued] {
        try await client.withTransaction(maximumAttempts: 5) { try await $0.enqueue(messages, to: topic) }
    }

    @discardableResult
    func enqueue(_ key: String, _ texts: String..., to topic: String = "orders") async throws -> [Enqueued] {
        try await enqueue(texts.map { OutboxMessage(key: key, type: "order.noted", data: Array($0.utf8)) }, to: topic)
    }

    /// One number, asked as the database's owner.
    func count(_ query: String) async throws -> Int {
        Int(try await database.psql("select (\(query))")) ?? -1
    }
}

extension OutboundMessage {
    var text: String { String(decoding: message.data, as: UTF8.self) }
}
