import Foundation
import SkaldTesting
import Testing

@Suite("Under systemd")
struct SystemdTests {
    @Test func `it tells when it is ready, that it lives, and that it ends`() async throws {
        try await withTestDatabase(.skald) { database in
            try await Endpoint.with { try await check(database, $0) }
        }
    }

    private func check(_ database: TestDatabase, _ endpoint: Endpoint) async throws {
        let socket = try NotifySocket()
        let environment = ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "200000"]
        let relay = try await RunningRelay.start(database, endpoint, environment: environment)
        try await eventually("it is ready") { socket.has("READY=1\nSTATUS=ready") }
        let alive = socket.count(of: "WATCHDOG=1")
        try await eventually("it says that it lives") { socket.count(of: "WATCHDOG=1") > alive + 2 }
        #expect(!socket.has("STOPPING=1\nSTATUS=draining"))
        relay.program.send(SIGTERM)
        let status = try await relay.program.end()
        #expect(status == 0)
        #expect(socket.received.last == "STOPPING=1\nSTATUS=draining")
    }
}
