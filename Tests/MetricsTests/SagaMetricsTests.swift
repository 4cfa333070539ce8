import MetricsTestKit
import Sagas
import SkaldTesting
import Testing

/// What tells an operator how many sagas are under way, and which need a person.
struct SagaMetricsTests {
    private struct Parcel: Saga {
        static let name: SagaName = "parcel"
        struct State: Codable { var isHeavy: Bool }

        var steps: Steps {
            Retriable("carry") { run in if run.isHeavy { throw Refused("too heavy") } }
            Wait("rest") { _ in .seconds(3_600) }
        }
    }

    @Test func `sagas are counted by name, definition and state`() async throws {
        try await withTestDatabase(.skald) { database in
            try await Recording.with { metrics in
                try await database.withStore { store in
                    var configuration = SagaWorker.Configuration()
                    configuration.housekeepingInterval = .milliseconds(20)
                    let worker = try SagaWorker(
                        store, running: [Parcel()], configuration: configuration, logger: .silent)
                    func count(_ status: String) -> Double? {
                        metrics.gauge(
                            "saga.count", [("saga", "parcel"), ("definition", "1"), ("status", status)])
                    }
                    try await withThrowingTaskGroup { group in
                        group.addTask { try await worker.run() }
                        for number in 0..<5 {
                            try await worker.sagas.start(
                                Parcel.self, id: SagaID(rawValue: "\(number)"), with: .init(isHeavy: number < 2))
                        }
                        try await eventually("two need a person, three rest") {
                            count("needs-attention") == 2 && count("waiting") == 3
                        }
                        try await eventually("leases are counted by kind") {
                            metrics.gauge("lease.held", [("kind", "saga/parcel@1")]) ?? 0 > 0
                        }
                        try await worker.sagas.request(
                            .skip(step: "carry", actor: "ada", reason: "left at the door"), of: "parcel", id: "0")
                        try await eventually("one of them rests too") {
                            count("needs-attention") == 1 && count("waiting") == 4
                        }
                        try await worker.sagas.request(
                            .skip(step: "rest", actor: "ada", reason: "in a hurry"), of: "parcel", id: "4")
                        try await eventually("and one has ended") {
                            metrics.counterTotal(
                                label: "saga.ended", dimensions: [("saga", "parcel"), ("status", "completed")]) == 1
                                && count("waiting") == 3
                        }
                        group.cancelAll()
                    }
                }
            }
        }
    }
}
