import MetricsTestKit
import Outbox
import Postgres
import PostgresEventStore
import ServiceLifecycle
import SkaldTesting
import Synchronization
import Testing

/// What tells an operator that messages are not leaving, and since when.
struct OutboxMetricsTests {
    /// A sink that cannot be reached at first.
    private final class Broker: Sink {
        struct Unreachable: Error {}
        let isReachable = Atomic(false)

        func publish(_ messages: [OutboundMessage]) async throws -> [PublishResult] {
            guard isReachable.load(ordering: .relaxed) else { throw Unreachable() }
            return messages.map { _ in .acknowledged }
        }
    }

    @Test func `the oldest unsent message grows older until it is sent, and leases are counted by sink`() async throws {
        try await withTestDatabase(.skald) { database in
            try await Recording.with { metrics in
                try await database.withClient { client in try await observe(client, metrics) }
            }
        }
    }

    private func observe(_ client: PostgresClient, _ metrics: TestMetrics) async throws {
        let broker = Broker()
        var configuration = Relay.Configuration()
        configuration.lanes = 2
        configuration.housekeepingInterval = .milliseconds(20)
        configuration.circuitBackoff = RelayBackoff(first: .milliseconds(10), longest: .milliseconds(50))
        let relay = Relay("web", client: client, sink: broker, configuration: configuration, logger: .silent)
        func gauge(_ label: String) -> Double? { metrics.gauge(label, [("sink", "web")]) }
        func lease(_ label: String) -> Double? { metrics.gauge(label, [("kind", "outbox/web")]) }
        let services = ServiceGroup(configuration: .init(services: [.init(service: relay)], logger: .silent))
        try await withThrowingTaskGroup { group in
            group.addTask { try await services.run() }
            try await eventually("it has its leases") { lease("lease.held") == 2 }
            try await eventually("nothing is unsent") { gauge("outbox.pending.messages") == 0 }
            #expect(gauge("outbox.oldest.age") == 0)
            try await client.withTransaction { transaction in
                _ = try await transaction.enqueue(
                    [OutboxMessage(key: "a", type: "order.noted", data: [])], to: "orders")
            }
            try await eventually("the oldest grows older") { gauge("outbox.oldest.age") ?? 0 > 0.2 }
            #expect(gauge("outbox.pending.messages") == 1)
            broker.isReachable.store(true, ordering: .relaxed)
            try await eventually("nothing is unsent any more") {
                gauge("outbox.pending.messages") == 0 && gauge("outbox.oldest.age") == 0
            }
            #expect(metrics.counterTotal(label: "outbox.published.messages", dimensions: [("sink", "web")]) == 1)
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
        #expect(lease("lease.held") == 0 && lease("lease.age") == 0, "given back")
    }
}
