import MetricsTestKit
import PostgresEventStore
import SkaldTesting
import Testing

/// What is measured of leases: by kind, never by unit.
struct LeaseMetricsTests {
    @Test func `held leases are counted by kind, the oldest grows older, and a lost one is told by its cause`()
        async throws
    {
        try await withTestDatabase(.skald) { database in
            try await Recording.with { metrics in
                try await database.withClient { client in
                    let units = (0..<5).map { "unit/\($0)" }
                    let keeper = LeaseKeeper(
                        client, kind: "lanes/17", metricsKind: "lanes", units: units,
                        configuration: .init(duration: .seconds(2)), logger: .silent)
                    func gauge(_ label: String) -> Double? { metrics.gauge(label, [("kind", "lanes")]) }
                    func lost(_ cause: String) -> Int64 {
                        metrics.counterTotal(label: "lease.lost", dimensions: [("kind", "lanes"), ("cause", cause)])
                    }
                    try await withThrowingTaskGroup { group in
                        group.addTask {
                            await keeper.run { lease in
                                let stopped = AsyncStream.makeStream(of: Void.self)
                                lease.whenStopping { stopped.continuation.finish() }
                                for await _ in stopped.stream {}
                            }
                        }
                        try await eventually("all are held") { gauge("lease.held") == 5 }
                        let age = gauge("lease.age") ?? -1
                        #expect(age >= 0)
                        try await eventually("the oldest grows older") { gauge("lease.age") ?? 0 > age }
                        #expect(lost("taken") == 0 && lost("ended") == 0)
                        try await database.psql(
                            "update skald.leases set epoch = epoch + 1, owner = 'another' where unit = 'unit/3'")
                        try await eventually("one was taken") { lost("taken") == 1 && gauge("lease.held") == 4 }
                        #expect(lost("ended") == 0)
                        group.cancelAll()
                    }
                    #expect(gauge("lease.held") == 0 && gauge("lease.age") == 0)
                    let made = metrics.recorders.filter { $0.label.hasPrefix("lease.") }
                    #expect(
                        made.allSatisfy { $0.dimensions.map(\.0) == ["kind"] }, "units are too many to be told apart")
                }
            }
        }
    }
}
