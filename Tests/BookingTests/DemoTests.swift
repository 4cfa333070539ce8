import Foundation
import Testing

@testable import Booking

// SG8, SG9, SG12, OB1, OB9, PR2: the demo itself, on a real server with real processes; its exit status and its JSON.
struct DemoTests {
    @Test(.timeLimit(.minutes(5)))
    func `a trip is booked, another is compensated in reverse, and everything is accounted for`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "proof-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let (status, output) = try await run("demo", "--only", "ab", "--no-stay", "--json", file.path)
        #expect(status == 0, "\(output)")

        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: file))
        #expect(report.holds)
        #expect(report.scenarios.map(\.id) == ["a", "b"])
        #expect(report.scenarios.filter { !$0.holds }.map(\.failure) == [])
        #expect(report.scenarios.last?.numbers == ["undone": 3])
        #expect(report.proof.count == 8)
        #expect(report.proof.filter { !$0.holds }.map(\.claim) == [])
        let numbers = report.proof.reduce(into: [:]) { $0.merge($1.numbers) { first, _ in first } }
        #expect(numbers["completed"] == 1 && numbers["compensated"] == 1)
        #expect(numbers["captured"] == 30_000 && numbers["confirmed"] == 30_000)
        #expect(numbers["sold"] == 1 && numbers["held"] == 0)

        #expect(!output.contains("\u{1B}"), "no colours outside a terminal")
        #expect(output.split(separator: "\n").filter { $0.count > 80 } == [], "every line fits a terminal")
    }

    private func run(_ arguments: String...) async throws -> (Int32, String) {
        let here = try #require(Bundle.main.executableURL).deletingLastPathComponent()
        let log = FileManager.default.temporaryDirectory.appending(path: "demo-\(UUID().uuidString).log")
        try Data().write(to: log)
        defer { try? FileManager.default.removeItem(at: log) }
        let process = Process()
        process.executableURL = here.appending(path: "booking")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: log)
        let ended = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in ended.continuation.finish() }
        try process.run()
        for await _ in ended.stream {}
        return (process.terminationStatus, try String(contentsOf: log, encoding: .utf8))
    }
}
