import EmbeddedPostgres
import Testing

@testable import Postgres

/// Over TCP, with TLS and with hosts that keep silent.
@Suite
struct NetworkTests {
    @Test func `over TLS statements of all sizes are answered`() async throws {
        try await NetworkServer.with { port, _ in
            var configuration = PostgresClient.Configuration(
                connectionString:
                    "host=localhost hostaddr=127.0.0.1 port=\(port) dbname=postgres user=postgres sslmode=require")
            configuration.sharedConnections = 1
            // The settings are read again a moment after they were changed.
            configuration.waitDeadline = .seconds(30)
            try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
                let encrypted = try await client.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
                #expect(try encrypted.one().decode(Bool.self))
                let sizes: [Int64] = [1, 100, 8_000, 8_192, 8_193, 16_384, 16_385, 100_000, 5_000_000]
                for size in sizes {
                    let text = try await client.query("select repeat('x', \(size)::int8::int)").one().decode(
                        String.self)
                    #expect(text.utf8.count == Int(size))
                }
                try await withThrowingTaskGroup(of: Int64.self) { group in
                    for size in 0..<200 as Range<Int64> {
                        group.addTask {
                            let sql: SQL = "select length(\(String(repeating: "y", count: Int(size * 97))))::int8"
                            return try await client.query(sql).one().decode(Int64.self)
                        }
                    }
                    let all = try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
                    #expect(all == Set((0..<200).map { $0 * 97 }))
                }
                try await client.withConnection { connection in
                    var rows = 0
                    let long: SQL = "select repeat('z', 3000) from generate_series(1, 5000)"
                    for try await _ in try await connection.stream(long) { rows += 1 }
                    #expect(rows == 5000)
                    try await connection.execute("create temp table t (a text)")
                    let line = String(repeating: "c", count: 20_000) + "\n"
                    let copied = try await connection.copyIn("copy t from stdin") { writer in
                        for _ in 0..<100 { try await writer.write(line) }
                    }
                    #expect(copied == 100)
                    var bytes = 0
                    for try await piece in try await connection.copyOut("copy t to stdout") { bytes += piece.count }
                    #expect(bytes == 100 * line.utf8.count)
                }
            }
        }
    }

    @Test func `an address that keeps silent is followed by the host's next one`() async throws {
        try await NetworkServer.with { port, _ in
            let silent = try SilentListener(host: "127.0.0.2", port: port)
            let configuration = PostgresClient.Configuration(
                connectionString: "host=localhost port=\(port) dbname=postgres user=postgres connect_timeout=2")
            let connector = configuration.connector(settings: [:])
            let opened = try connector.open(at: ["127.0.0.2", "127.0.0.1"], try connector.parameters())
            #expect(ConnectionHandle(opened).backendPID > 0)
            #expect(silent.port == port)
        }
    }

    @Test func `a silent host is given up after connect_timeout`() throws {
        let silent = try SilentListener(host: "127.0.0.1", port: 0)
        let configuration = PostgresClient.Configuration(
            connectionString: "host=127.0.0.1 port=\(silent.port) dbname=x user=x connect_timeout=2")
        let start = ContinuousClock.now
        let error = #expect(throws: PostgresError.self) { try configuration.connector(settings: [:]).open() }
        #expect(error?.code == .connectionFailed)
        #expect(error?.outcome == .retriable)
        #expect(ContinuousClock.now - start < .seconds(30), "the listener would keep silent for ever")
    }
}
