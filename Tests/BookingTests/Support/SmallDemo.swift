import Foundation
import Testing

@testable import Booking

/// A small run of the demo in this process, its services in processes of their own, for what is to be looked at while
/// everything still runs.
enum SmallDemo {
    @discardableResult
    static func run(
        _ scenarios: [Scenario], _ whileItRuns: (Stage, Report) async throws -> Void
    ) async throws -> Report {
        let programs = try #require(Bundle.main.executableURL).deletingLastPathComponent()
        let demo = Demo(
            scenarios: scenarios, narrator: Narrator(to: .nullDevice), program: programs.appending(path: "booking"))
        var thrown: (any Error)?
        let report = await demo.run { stage, report in
            do {
                try await whileItRuns(stage, report)
            } catch {
                thrown = error
                throw error
            }
        }
        if let thrown { throw thrown }
        return report
    }
}

extension Proof {
    /// The proof of a demo in which nothing is on its way, so that a second look is not worth the wait.
    init(_ stage: Stage) {
        self.init(
            databases: stage.databases, stock: Demo.stock, narrator: stage.narrator,
            waiting: { what, condition in
                guard try await condition() else { throw DemoError("not so: \(what)") }
            })
    }
}
