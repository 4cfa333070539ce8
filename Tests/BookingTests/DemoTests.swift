import ArgumentParser
import Foundation
import Postgres
import SkaldTesting
import Testing

@testable import Booking

// SG8, SG9, SG12, OB1, OB9, PR2: the demo itself, on a real server with real processes; its exit status and its JSON.
struct DemoTests {
    @Test(.timeLimit(.minutes(5)))
    func `all eight scenarios are played, and everything is accounted for`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "proof-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let (status, output) = try await demo("--trips", "60", "--no-stay", "--json", file.path)
        #expect(status == 0, "\(output)")

        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: file))
        #expect(report.holds && report.failure == nil)
        #expect(report.scenarios.map(\.id) == ["a", "b", "c", "d", "e", "f", "g", "h"])
        #expect(report.scenarios.filter { !$0.holds }.map(\.failure) == [])
        #expect(report.proof.count == 9)
        #expect(report.proof.filter { !$0.holds }.map(\.claim) == [])
        let played = report.scenarios.reduce(into: [:]) { $0[$1.id] = $1.numbers }
        #expect(played["b"] == ["undone": 3])
        #expect(played["c"] == ["killed": 1] && played["d"] == ["killed": 1])
        #expect((played["e"]?["duplicates"] ?? 0) >= 2)
        #expect(played["f"] == ["won": 1])
        #expect(played["g"].map { ($0["completed"] ?? 0) + ($0["compensated"] ?? 0) } == 60)
        #expect((played["g"]?["cancelled"] ?? 0) > 0 && played["h"] == ["refunds": 1])
        // a, c, d, e, one of f's two and both of h's completed; b and the other of f's two were undone; and then g.
        let proved = report.proof.reduce(into: [:]) { $0.merge($1.numbers) { first, _ in first } }
        #expect(proved["booked"] == 7 + (played["g"]?["completed"] ?? 0))
        #expect(proved["cancelled"] == 1 + (played["g"]?["cancelled"] ?? 0))
        #expect(proved["compensated"] == 2 + (played["g"]?["compensated"] ?? 0))
        #expect(proved["sold"] == (proved["booked"] ?? 0) - (proved["cancelled"] ?? 0) && proved["held"] == 0)
        #expect(proved["confirmed"] == (proved["captured"] ?? 0) - (proved["refunded"] ?? 0))
        #expect((proved["confirmed"] ?? 0) > 0 && (proved["refunded"] ?? 0) > 0)

        #expect(!output.contains("\u{1B}"), "no colours outside a terminal")
        #expect(output.split(separator: "\n").filter { $0.count > 80 } == [], "every line fits a terminal")
    }

    // X4
    @Test(.timeLimit(.minutes(5))) func `a service that does not end as it is asked to fails the demo`() async throws {
        let report = try await SmallDemo.run([.declined]) { stage, report in
            #expect(report.holds, "until then")
            let notifications = stage.instance(.notifications)
            kill(await stage.fleet.pid(of: notifications), SIGKILL)
            _ = try await stage.fleet.waitForEnd(of: notifications)
        }
        let said = report.failure ?? ""
        #expect(said.hasPrefix("notifications was ended by signal 9"), "\(said)")
        #expect(!report.holds && report.exitCode == .failure, "what is written says the same as the exit status")
        #expect(report.proof.allSatisfy(\.holds) && report.proof.count == 9)
    }

    @Test(.timeLimit(.minutes(5))) func `a claim that cannot be asked for fails the demo, and is in its report`()
        async throws
    {
        let forgetful = Scenario(id: "x", title: "A table is gone") { stage in
            try await stage.database(.notifications).execute("drop table mail")
            return [:]
        }
        let report = try await SmallDemo.run([forgetful]) { _, _ in Issue.record("there is nothing to look at") }
        #expect(report.failure?.contains("mail") == true, "\(report.failure ?? "")")
        #expect(!report.holds && report.scenarios.map(\.id) == ["x"])
    }

    @Test func `a demo that cannot begin says so in its file too, and by its exit status`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "proof-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let finished = try await ChildProgram.run(
            "booking", ["demo", "--json", file.path], environment: ["SKALD_PG_BIN": "/nowhere"])
        #expect(finished.status == 1)
        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: file))
        #expect(!report.holds && report.failure?.contains("/nowhere") == true, "\(report.failure ?? "")")
    }

    @Test(arguments: [["--only", "xyz"], ["--trips", "0"], ["--trips", "many"]])
    func `what is not an option is said before anything is started`(arguments: [String]) async throws {
        let (status, output) = try await demo(arguments)
        #expect(status == 64)
        #expect(output.contains(arguments[0]) && !output.contains("PostgreSQL"))
    }

    private func demo(_ arguments: String...) async throws -> (status: Int32, output: String) {
        try await demo(arguments)
    }

    private func demo(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let finished = try await ChildProgram.run("booking", ["demo"] + arguments, patience: .seconds(240))
        return (finished.status, finished.output + finished.error)
    }
}
