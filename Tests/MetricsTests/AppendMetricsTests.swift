import EventSourcing
import MetricsTestKit
import PostgresEventStore
import SkaldTesting
import Testing

/// What is measured of appends, alone, in groups and in transactions.
struct AppendMetricsTests {
    private struct ChangedMind: Error {}

    private func measured(_ body: (PostgresEventStore, TestMetrics) async throws -> Void) async throws {
        try await withTestDatabase(.skald) { database in
            try await Recording.with { metrics in
                try await database.withStore { try await body($0, metrics) }
            }
        }
    }

    private func append(_ count: Int, to stream: String, expecting: ExpectedVersion = .any) throws -> StreamAppend {
        let event = try NewEvent(type: "seat.held", json: "{}")
        return StreamAppend(
            Array(repeating: event, count: count), to: try StreamID(validating: stream), expecting: expecting)
    }

    @Test func `each append gives one latency, and the sizes of the groups add up to the appends`() async throws {
        try await measured { store, metrics in
            let appends = try (0..<100).map { try append(2, to: "seat-\($0)") }
            try await withThrowingTaskGroup { group in
                for append in appends { group.addTask { _ = try await store.append([append], id: nil) } }
                try await group.waitForAll()
            }
            let latencies = metrics.timers(label: "eventstore.append.duration").flatMap(\.values)
            #expect(latencies.count == 100 && latencies.allSatisfy { $0 > 0 })
            let sizes = metrics.recorded("eventstore.append.group_size")
            #expect(sizes.reduce(0, +) == 100 && sizes.count < 100, "\(sizes)")
            #expect(metrics.counterTotal(label: "eventstore.append.events") == 200)
            #expect(metrics.counterTotal(label: "eventstore.append.conflicts") == 0)
        }
    }

    @Test func `a conflict is counted, and has no latency; a repetition appends no events`() async throws {
        try await measured { store, metrics in
            let id = AppendID()
            let first = try append(1, to: "seat-1", expecting: .noStream)
            for _ in 0..<2 { _ = try await store.append([first], id: id) }
            await #expect(throws: EventStoreError.self) { try await store.append([first], id: AppendID()) }
            #expect(metrics.timers(label: "eventstore.append.duration").flatMap(\.values).count == 2)
            #expect(metrics.counterTotal(label: "eventstore.append.events") == 1)
            #expect(metrics.counterTotal(label: "eventstore.append.conflicts") == 1)
        }
    }

    @Test func `appends in a transaction are counted when it commits, and not when it is called off`() async throws {
        try await measured { store, metrics in
            let stream = try StreamID(validating: "seat-1")
            let event = try NewEvent(type: "seat.held", json: "{}")
            try await store.transaction { tx in
                try await tx.append([event, event], to: stream, expecting: .noStream)
                #expect(metrics.counterTotal(label: "eventstore.append.events") == 0, "it may yet be called off")
                _ = try? await tx.append([event], to: stream, expecting: .noStream)
            }
            #expect(metrics.counterTotal(label: "eventstore.append.events") == 2)
            #expect(metrics.counterTotal(label: "eventstore.append.conflicts") == 1)
            await #expect(throws: ChangedMind.self) {
                try await store.transaction { tx in
                    try await tx.append([event], to: stream, expecting: .any)
                    throw ChangedMind()
                }
            }
            #expect(metrics.counterTotal(label: "eventstore.append.events") == 2)
            _ = try await store.append([append(1, to: "seat-2"), append(1, to: "seat-3")], id: nil)
            #expect(metrics.counterTotal(label: "eventstore.append.events") == 4, "several streams: a transaction too")
        }
    }
}
