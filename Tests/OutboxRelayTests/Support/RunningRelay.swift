import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Outbox
import Postgres
import SkaldTesting

/// The program `outbox-relay`, as it runs on a machine: its process, and its port for probes.
struct RunningRelay: Sendable {
    let program: ChildProgram
    let health: String

    /// Starts it as the writer of a test's database, quick to act, and waits until it serves its probes.
    static func start(
        _ database: TestDatabase, _ endpoint: Endpoint, _ settings: [String: String] = [:],
        environment: [String: String] = [:]
    ) async throws -> RunningRelay {
        var all = [
            "sink.url": endpoint.url, "sink.lanes": "4", "relay.poll-interval": "10ms", "lease.duration": "1s",
            "health.port": "0", "relay.retry-first": "20ms", "relay.retry-longest": "100ms",
        ]
        all.merge(settings) { _, new in new }
        let arguments = all.sorted { $0.key < $1.key }.flatMap { key, value in
            ["--" + key.replacing(".", with: "-"), value]
        }
        let url = ["SKALD_RELAY_DATABASE_URL": database.connectionString(.writer)]
        let program = try ChildProgram(
            "outbox-relay", arguments, environment: url.merging(environment) { _, new in new })
        let line = try await program.line { $0.contains("health and metrics are served") }
        let read = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        let address = (read?["fields"] as? [String: String])?["address"] ?? ""
        return RunningRelay(program: program, health: "http://\(address)")
    }

    /// Waits until it says that it is ready.
    func ready() async throws {
        try await program.line { $0.contains(#""message":"ready""#) }
    }

    /// Asks one of its probes.
    func get(_ path: String) async throws -> (status: Int, type: String, body: String) {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: health + path), timeout: .seconds(10))
        let body = try await response.body.collect(upTo: 1 << 20)
        return (Int(response.status.code), response.headers.first(name: "content-type") ?? "", String(buffer: body))
    }
}

extension TestDatabase {
    /// Enqueues messages of one key, in one transaction, with the texts as payloads.
    func enqueue(_ key: String, _ texts: [String], rollingBack: Bool = false) async throws {
        try await withClient { client in
            let messages = texts.map { OutboxMessage(key: key, type: "order.noted", data: Array($0.utf8)) }
            do {
                try await client.withTransaction(maximumAttempts: 5) { transaction in
                    try await transaction.enqueue(messages, to: "orders")
                    if rollingBack { throw RolledBack() }
                }
            } catch is RolledBack {}
        }
    }
}

private struct RolledBack: Error {}
