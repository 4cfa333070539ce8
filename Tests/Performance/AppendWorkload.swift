import EmbeddedPostgres
import Foundation
import Logging
import Skald

/// Concurrent callers, each appending one event to a new stream, again and again, through one store.
struct AppendWorkload {
    private let server: EmbeddedPostgres
    private var connectionString: String { server.connectionString(database: "skald") }

    init(server: EmbeddedPostgres) async throws {
        self.server = server
    }

    /// One timed run on an empty log.
    func run(callers: Int, seconds: Int) async throws -> Measurement {
        try await prepare()
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        return try await PostgresClient.with(.init(connectionString: connectionString), logger: logger) { client in
            let store = PostgresEventStore(client, logger: logger)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await store.run() }
                defer { group.cancelAll() }
                await store.ready()
                return try await measure(store, callers: callers, seconds: seconds)
            }
        }
    }

    private func measure(_ store: PostgresEventStore, callers: Int, seconds: Int) async throws -> Measurement {
        let begin = ContinuousClock.now
        let end = begin + .seconds(seconds)
        let metadata = Metadata(correlationID: Payload.correlationID, causationID: Payload.causationID)
        let latencies = try await withThrowingTaskGroup(of: Latencies.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var latencies = Latencies()
                    var number: UInt64 = 0
                    let start = UInt64.random(in: 0 ... .max)
                    while true {
                        number += 1
                        // As scattered as pgbench's keys, and like them without asking the system each time: multiples of
                        // the golden ratio (Knuth, "The Art of Computer Programming", 6.4).
                        let key = "\(start &+ number &* 0x9E37_79B9_7F4A_7C15)-\(caller)-\(number)"
                        let stream = try StreamID("account", key)
                        let event = try NewEvent(type: Payload.type, json: Payload.data, metadata: metadata)
                        let sent = ContinuousClock.now
                        guard sent < end else { return latencies }
                        try await store.append([event], to: stream, expecting: .noStream)
                        latencies.add(sent.duration(to: .now))
                    }
                }
            }
            return try await group.reduce(into: Latencies()) { $0.add($1) }
        }
        let elapsed = begin.duration(to: .now) / .seconds(1)
        let sorted = latencies.values.sorted()
        return Measurement(
            name: "append", callers: callers, perSecond: Double(sorted.count) / elapsed,
            p50: Latencies.percentile(0.5, of: sorted), p99: Latencies.percentile(0.99, of: sorted))
    }

    private func prepare() async throws {
        try await server.dropDatabase("skald")
        try await server.createDatabase("skald")
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        try await PostgresClient.with(.init(connectionString: connectionString), logger: logger) { client in
            try await Migrator(client).apply()
        }
        _ = try await server.psql("checkpoint")
    }

}
