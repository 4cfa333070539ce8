import ArgumentParser
import EmbeddedPostgres
import Foundation
import Logging

/// Measures Skald against PostgreSQL's own limit, pgbench, in turns in the same run: machines are noisy and drift, so only
/// ratios from one run mean something. What is measured, and how, stands in `README.md` beside this file.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures Skald's appends side by side with pgbench, on a private PostgreSQL.")

    @Option(help: "Seconds for each measurement.") var seconds = 4
    @Option(help: "Rounds; each measures everything once, and the median counts.") var rounds = 3
    @Option(help: "Where the figures go as JSON.") var json = ".build/bench/latest.json"

    func validate() throws {
        guard seconds >= 1, rounds >= 1 else {
            throw ValidationError("--seconds and --rounds must be 1 or more.")
        }
    }

    func run() async throws {
        let settings = ["shared_buffers": "512MB", "max_wal_size": "4GB"]
        try await EmbeddedPostgres.with(.init(settings: settings)) { server in
            print(
                "PostgreSQL \(server.majorVersion), fsync and synchronous_commit on;",
                "\(rounds) rounds of \(seconds) s each")
            let reference = try await PgbenchInsert(server: server)
            defer { reference.removeFiles() }
            let appends = try await AppendWorkload(server: server)
            var report = Report()
            for round in 1...rounds {
                for clients in [1, 8, 32] {
                    progress(round, "pgbench insert, \(clients) clients")
                    report.add(try await reference.run(clients: clients, seconds: seconds))
                }
                for callers in [1, 32, 256] {
                    progress(round, "Skald append, \(callers) callers")
                    report.add(try await appends.run(callers: callers, seconds: seconds))
                }
            }
            progress(nil, "")
            let rows = report.rows(memory: Memory.peakMiB())
            print(Report.table(rows))
            try Report.write(rows, to: json)
            print("Written to \(json)")
        }
    }

    /// One line that is written over, on a terminal only.
    private func progress(_ round: Int?, _ what: String) {
        guard isatty(1) == 1 else { return }
        let text = round.map { "round \($0)/\(rounds): \(what)" } ?? ""
        FileHandle.standardOutput.write(Data("\r\u{1B}[K\(text)".utf8))
    }
}
