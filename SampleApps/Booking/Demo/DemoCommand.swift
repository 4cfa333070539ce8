import ArgumentParser
import Foundation
import Skald

/// `booking demo`: what `make demo` runs.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run the four services, let them fail, and prove that nothing was lost.",
        discussion: "The exit status is 0 only if everything holds.")

    @Option(help: ArgumentHelp("Write what was found as JSON.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Play only these scenarios, such as \"ab\".", valueName: "letters"))
    var only: String?

    @Option(help: "How many trips are booked at once in scenario g.")
    var trips = 500

    @Flag(inversion: .prefixedNo, help: "Stay up afterwards. By default on a terminal only.")
    var stay: Bool?

    func validate() throws {
        guard !scenarios.isEmpty else { throw ValidationError("--only takes letters from a to h") }
        guard (1...100_000).contains(trips) else { throw ValidationError("--trips is from 1 to 100000") }
    }

    private var scenarios: [Scenario] { Scenario.all(crowd: trips).filter { only?.contains($0.id) ?? true } }

    func run() async throws {
        let report = await Demo(scenarios: scenarios).run { stage, report in
            guard stay ?? Narrator.isTerminal else { return }
            try write(report)  // for those who look around; the end may still say otherwise
            stage.narrator.title("\(report.holds ? "Everything holds" : "NOT everything holds") so far")
            try await Tour(stage: stage, url: stage.visitorURL).wait()
        }
        try write(report)
        if report.exitCode != .success { throw report.exitCode }
    }

    private func write(_ report: Report) throws {
        if let json { try report.json.write(to: URL(filePath: json)) }
    }
}

extension Report {
    fileprivate var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return try encoder.encode(self)
        }
    }
}
