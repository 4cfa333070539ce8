import EmbeddedPostgres
import Foundation

/// The reference: pgbench's prepared insert of one row into a table as one would make it for events by hand.
struct PgbenchInsert {
    private let server: EmbeddedPostgres
    private let folder: URL
    private let script: URL

    init(server: EmbeddedPostgres) async throws {
        self.server = server
        try await server.createDatabase("reference")
        folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("skald-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        script = folder.appendingPathComponent("insert.sql")
        try """
        \\set id random(1, 1000000000000)
        insert into events (stream_id, version, type, data, metadata)
        values ('account-' || :id, 1, '\(Payload.type)', :data::jsonb, :metadata::jsonb);

        """.write(to: script, atomically: true, encoding: .utf8)
    }

    /// Removes the script and the logs.
    func removeFiles() { try? FileManager.default.removeItem(at: folder) }

    /// One timed run on an empty table.
    func run(clients: Int, seconds: Int) async throws -> Measurement {
        _ = try await server.psql(
            """
            drop table if exists events;
            create table events (
                position bigserial primary key, stream_id text not null, version bigint not null, type text not null,
                data jsonb not null, metadata jsonb not null, created_at timestamptz not null default now(),
                unique (stream_id, version));
            checkpoint;
            """, database: "reference")
        let logs = folder.appendingPathComponent("log").path
        let output = try await pgbench([
            "-n", "-M", "prepared", "-c", "\(clients)", "-j", "\(min(2, clients))", "-T", "\(seconds)", "-f",
            script.path,
            "-D", "data=\(Payload.data)", "-D", "metadata=\(Payload.metadata)", "-l", "--log-prefix", logs,
            "--sampling-rate", "0.2", server.connectionString(database: "reference"),
        ])
        guard let match = output.firstMatch(of: /tps = ([0-9.]+)/), let perSecond = Double(match.1) else {
            throw BenchError("pgbench said nothing of its rate:\n\(output)")
        }
        let latencies = try takeLatencies(prefix: "log").sorted()
        return Measurement(
            name: "pgbench insert", callers: clients, perSecond: perSecond,
            p50: Latencies.percentile(0.5, of: latencies), p99: Latencies.percentile(0.99, of: latencies))
    }

    private func pgbench(_ arguments: [String]) async throws -> String {
        let output = folder.appendingPathComponent("output").path
        let status = try Spawn.run(["\(server.programFolder)/pgbench"] + arguments, output: output)
        let text = try String(contentsOfFile: output, encoding: .utf8)
        guard status == 0 else { throw BenchError("pgbench failed:\n\(text)") }
        return text
    }

    /// pgbench's logs: one line a transaction, the third word is its microseconds.
    private func takeLatencies(prefix: String) throws -> [UInt32] {
        var values: [UInt32] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasPrefix(prefix) {
            let file = folder.appendingPathComponent(name)
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.count > 2, let microseconds = UInt32(words[2]) {
                    values.append(UInt32(clamping: UInt64(microseconds) * 1_000))
                }
            }
            try FileManager.default.removeItem(at: file)
        }
        return values
    }
}

/// What stopped a benchmark.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
