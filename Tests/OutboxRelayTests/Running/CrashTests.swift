import Foundation
import Outbox
import SkaldTesting
import Testing

@Suite("Killed again and again, the daemon loses nothing")
struct CrashTests {
    private static let keys = 12
    private static let perKey = 25

    /// OB1 nothing is lost, OB2 no phantom, OB3 duplicates are the same message, OB4 order per key, OB5 marked only after
    /// the acknowledgement: what was received and not answered when the relay was killed comes again.
    @Test func `OB1, OB2, OB3, OB4, OB5: kill -9 in the middle of sending, many times`() async throws {
        try await withTestDatabase(.skald) { database in
            try await Endpoint.with { endpoint in
                // Now and then an answer is so late that the relay is killed while it waits for it.
                endpoint.answer { event in
                    if event.id.hashValue % 5 == 0 { try await Task.sleep(for: .milliseconds(30)) }
                    return 204
                }
                for key in 1...Self.keys {
                    try await database.enqueue("k\(key)", ["phantom"], rollingBack: true)
                    try await database.enqueue("k\(key)", (1...Self.perKey).map { "k\(key) #\($0)" })
                }
                var kills = 0
                while kills < 6 {
                    let relay = try await RunningRelay.start(database, endpoint, ["relay.concurrency": "8"])
                    let before = endpoint.arrived
                    try await eventually("it sends") { endpoint.arrived > before + 10 || isDone(endpoint) }
                    relay.program.send(SIGKILL)
                    #expect(try await relay.program.end() == -SIGKILL)
                    kills += 1
                }
                let last = try await RunningRelay.start(database, endpoint, ["relay.concurrency": "8"])
                try await eventually("everything is delivered", within: .seconds(60)) { isDone(endpoint) }
                try await eventually("the cursors stand behind it") {
                    try await database.psql("select sum(pending) from skald.outbox_status()", as: .reader) == "0"
                }
                last.program.send(SIGTERM)
                #expect(try await last.program.end() == 0)
                check(endpoint)
            }
        }
    }

    private func isDone(_ endpoint: Endpoint) -> Bool {
        Set(endpoint.acknowledged.map(\.event.id)).count == Self.keys * Self.perKey
    }

    private func check(_ endpoint: Endpoint) {
        let all = endpoint.acknowledged
        #expect(!all.contains { $0.text == "phantom" }, "OB2")
        for (_, copies) in Dictionary(grouping: all, by: \.event.id) {
            #expect(Set(copies.map(\.event)).count == 1, "OB3: every delivery of a message is the same")
        }
        for key in 1...Self.keys {
            var seen: Set<Int> = []
            let firsts = all.filter { $0.key == "k\(key)" && seen.insert($0.version).inserted }
            #expect(firsts.map(\.version) == Array(1...Self.perKey), "OB1, OB4")
            #expect(firsts.map(\.text) == (1...Self.perKey).map { "k\(key) #\($0)" }, "OB1, OB4")
        }
    }

    @Test func `a second relay shares the work, and takes over what a killed one held`() async throws {
        try await withTestDatabase(.skald) { database in
            try await Endpoint.with { endpoint in
                let first = try await RunningRelay.start(database, endpoint)
                let second = try await RunningRelay.start(database, endpoint)
                try await eventually("the lanes are shared") {
                    try await database.psql(
                        "select count(distinct owner) from skald.outbox_status() where lease_remaining > '0'",
                        as: .reader)
                        == "2"
                }
                #expect(try await second.get("/readyz").status == 200)
                first.program.send(SIGKILL)
                for key in 1...8 { try await database.enqueue("k\(key)", ["1"]) }
                try await eventually("the other delivers all") { Set(endpoint.acknowledged.map(\.key)).count == 8 }
                second.program.send(SIGTERM)
                #expect(try await second.program.end() == 0)
            }
        }
    }
}
