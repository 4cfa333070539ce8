import EventSourcing
import PostgresEventStore
import SkaldTesting
import Testing

/// What tells an operator that readers stand still, and since when.
struct WatermarkMetricsTests {
    @Test func `an open transaction that has appended shows as lag and as the age of its holder`() async throws {
        var configuration = PostgresEventStore.Configuration()
        configuration.statusInterval = .milliseconds(20)
        try await withTestDatabase(.skald) { database in
            try await Recording.with { metrics in
                try await database.withStore(configuration: configuration) { store in
                    func lag() -> Double? { metrics.gauge("eventstore.watermark.lag") }
                    func age() -> Double { metrics.gauge("eventstore.watermark.holder.age") ?? 0 }
                    let event = try NewEvent(type: "seat.held", json: "{}")
                    try await eventually("nothing is held at first") { lag() == 0 && age() == 0 }
                    try await store.transaction { tx in
                        try await tx.append([event], to: try StreamID(validating: "seat-1"), expecting: .any)
                        try await eventually("the lag shows") { lag() == 1 }
                        let first = age()
                        try await eventually("and the holder grows older") { age() > max(first, 0.1) }
                    }
                    try await eventually("nothing is held any more") { lag() == 0 && age() == 0 }
                    #expect(metrics.gauge("eventstore.watermark.position") == metrics.gauge("eventstore.head.position"))
                }
            }
        }
    }
}
