import Foundation
import Outbox
import SkaldTesting
import Synchronization
import Testing

/// X4: after SIGTERM no new work is taken, what is in flight is finished or released, and a restart waits for no lease.
@Suite("Asked to end, the daemon drains")
struct DrainTests {
    /// Holds answers back until it is opened.
    private final class Gate: Sendable {
        private let isOpen = Atomic(false)

        func open() { isOpen.store(true, ordering: .relaxed) }

        func wait() async throws {
            while !isOpen.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    @Test func `X4: what is in flight is finished, nothing new is begun, and the next relay goes on at once`()
        async throws
    {
        try await withTestDatabase(.skald) { database in
            let gate = Gate()
            try await Endpoint.with({ _ in
                try await gate.wait()
                return 204
            }) { endpoint in
                for key in 1...8 { try await database.enqueue("k\(key)", ["1", "2", "3"]) }
                // A lease so long that nobody could wait for its end.
                let long = ["lease.duration": "10m", "relay.concurrency": "4"]
                let first = try await RunningRelay.start(database, endpoint, long)
                try await eventually("messages are in flight") { endpoint.arrived > 0 }
                first.program.send(SIGTERM)
                try await first.program.line { $0.contains("draining") }
                let probe = try await first.get("/readyz?verbose")
                #expect(probe.status == 503)
                #expect(probe.body.hasPrefix("[-]serving failed: it is draining"))
                #expect(try await first.get("/livez").status == 200)
                gate.open()
                #expect(try await first.program.end() == 0)
                let finished = endpoint.acknowledged
                #expect(!finished.isEmpty && finished.count < 24, "in flight was finished, new work was not begun")

                let second = try await RunningRelay.start(database, endpoint, long)
                try await eventually("the rest is delivered", within: .seconds(20)) {
                    Set(endpoint.acknowledged.map(\.event.id)).count == 24
                }
                for key in 1...8 {
                    var seen: Set<Int> = []
                    let firsts = endpoint.acknowledged.filter {
                        $0.key == "k\(key)" && seen.insert($0.version).inserted
                    }
                    #expect(firsts.map(\.version) == [1, 2, 3])
                }
                second.program.send(SIGTERM)
                #expect(try await second.program.end() == 0)
            }
        }
    }

    @Test func `what cannot be finished in time is given up with status 7, and sent again by the next`()
        async throws
    {
        try await withTestDatabase(.skald) { database in
            let gate = Gate()
            try await Endpoint.with({ _ in
                try await gate.wait()
                return 204
            }) { endpoint in
                try await database.enqueue("k", ["1", "2"])
                let first = try await RunningRelay.start(database, endpoint, ["drain.timeout": "300ms"])
                try await eventually("a message is in flight") { endpoint.arrived > 0 }
                let start = ContinuousClock.now
                first.program.send(SIGTERM)
                #expect(try await first.program.end() == 7)
                #expect(ContinuousClock.now - start < .seconds(20), "the default would be 25 s")
                #expect(first.program.errorText.contains("nothing is lost"))

                gate.open()
                let second = try await RunningRelay.start(database, endpoint)
                try await eventually("both are delivered") { Set(endpoint.acknowledged.map(\.version)) == [1, 2] }
                second.program.send(SIGTERM)
                #expect(try await second.program.end() == 0)
            }
        }
    }
}
