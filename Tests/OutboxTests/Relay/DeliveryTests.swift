import EmbeddedPostgres
import Outbox
import Postgres
import SkaldTesting
import Synchronization
import Testing

/// OB1 to OB4 under fire: writers that roll back or dawdle, a sink that answers anything, relays that come and go.
@Suite struct DeliveryTests {
    @Test func `OB1, OB2, OB3, OB4: nothing is lost, invented, changed or out of order, whatever sink and relays do`()
        async throws
    {
        try await OutboxFixture.with(Self.everythingAtOnce)
    }

    static func everythingAtOnce(_ fixture: OutboxFixture) async throws {
        let sink = RecordingSink { _ in
            switch Int.random(in: 0..<10) {
            case 0: .unknown(reason: "by chance")
            case 1: .refused(reason: "by chance")
            default: .acknowledged
            }
        }
        var configuration = OutboxFixture.quick
        configuration.attempts = 1_000  // parking has tests of its own
        configuration.readBatch = 20
        configuration.publishBatch = 5
        let committed = Committed()
        try await withThrowingTaskGroup { group in
            for writer in 0..<6 {
                group.addTask { try await Self.write(writer, fixture, committed) }
            }
            // Two relays are cut down and replaced all the time; their leases have to end before others take over.
            for _ in 0..<4 {
                let before = sink.deliveries.count
                try await cuttingRelaysDown(fixture, sink, configuration) {
                    try await eventually("some messages move") { sink.deliveries.count > before + 20 }
                    sink.isReachable = false
                    let calls = sink.calls
                    try await eventually("it is called in vain") { sink.calls > calls + 3 }
                    sink.isReachable = true
                }
            }
            try await group.waitForAll()
        }
        sink.answer { _ in .acknowledged }
        try await fixture.running(fixture.relay(sink, configuration), fixture.relay(sink, configuration)) {
            try await eventually("everything is acknowledged", within: .seconds(60)) {
                Set(sink.acknowledged.map(\.message.id)).count >= committed.messages.count
            }
        }

        let expected = committed.messages
        #expect(Set(sink.acknowledged.map(\.message.id)) == Set(expected.keys), "OB1: nothing lost")
        for delivery in sink.deliveries {
            let id = delivery.message.message.id
            var sent = try #require(expected[id], "OB2: a message that was never committed was delivered")
            sent.time = delivery.message.message.time
            #expect(delivery.message.message == sent, "OB3: a delivery differs from what was enqueued")
        }
        Self.expectOrder(sink)
        #expect(try await fixture.count("select count(*) from skald.outbox_blocked") == 0)
    }

    private final class Committed: Sendable {
        private let byID = Mutex<[MessageID: OutboxMessage]>([:])

        var messages: [MessageID: OutboxMessage] { byID.withLock { $0 } }

        func add(_ messages: [OutboxMessage]) {
            byID.withLock { byID in
                for message in messages { byID[message.id] = message }
            }
        }
    }

    /// Enqueues in transactions some of which roll back and some of which take their time before they commit.
    private static func write(
        _ writer: Int, _ fixture: OutboxFixture, _ committed: Committed
    ) async throws {
        struct Rollback: Error {}
        for round in 0..<40 {
            let messages = (0..<Int.random(in: 1...4)).map { number in
                OutboxMessage(
                    key: "k\(Int.random(in: 0..<9))", type: "order.noted",
                    data: Array("\(writer)-\(round)-\(number)".utf8))
            }
            let fate = Int.random(in: 0..<6)
            do {
                try await fixture.client.withTransaction(maximumAttempts: 20) { tx in
                    try await tx.enqueue(messages, to: "orders")
                    if fate == 0 { try await tx.execute("select pg_sleep(0.03)") }
                    if fate == 1 { throw Rollback() }
                }
                committed.add(messages)
            } catch is Rollback {}
        }
    }

    /// OB4: the first acknowledgement of a key's message comes before the first delivery of its next one.
    static func expectOrder(_ sink: RecordingSink, sourceLocation: SourceLocation = #_sourceLocation) {
        var delivered: [String: Int64] = [:]
        var acknowledged: [String: Int64] = [:]
        for delivery in sink.deliveries {
            let (key, version) = (
                "\(delivery.message.topic)/\(delivery.message.message.key)", delivery.message.keyVersion
            )
            #expect(
                version <= acknowledged[key, default: 0] + 1,
                "OB4: \(key) \(version) was sent when only \(acknowledged[key, default: 0]) was acknowledged",
                sourceLocation: sourceLocation)
            delivered[key] = max(delivered[key, default: 0], version)
            if delivery.result == .acknowledged { acknowledged[key] = max(acknowledged[key, default: 0], version) }
        }
        #expect(delivered == acknowledged, sourceLocation: sourceLocation)
    }

    /// Runs two relays for as long as `body` runs, then breaks them off: not a shutdown, their leases stay.
    private static func cuttingRelaysDown(
        _ fixture: OutboxFixture, _ sink: RecordingSink, _ configuration: Relay.Configuration,
        while body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                let relay = fixture.relay(sink, configuration)
                group.addTask { try await relay.run() }
            }
            try await body()
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
    }

    @Test func `OB1: the reader never passes a message whose transaction is still open`() async throws {
        try await OutboxFixture.with(Self.openTransaction)
    }

    static func openTransaction(_ fixture: OutboxFixture) async throws {
        try await fixture.client.execute("select skald.outbox_register('web', 1, null, false)")
        func read(after position: Int64) async throws -> (keys: [String?], mark: Int64) {
            let rows = try await fixture.client.query(
                "select key, position from skald.outbox_next('web', 0, \(position), 100)"
            ).decode(String?.self, Int64.self)
            return (rows.dropLast().map(\.0), try #require(rows.last).1)
        }
        let before = try await fixture.client.withTransaction { slow in
            try await slow.enqueue([OutboxMessage(key: "slow", type: "x", data: [])], to: "orders")
            try await fixture.enqueue("quick", "overtakes")
            return try await read(after: 0)
        }
        #expect(before.keys.isEmpty, "the quick one would be read before the slow one")
        #expect(before.mark == 0)
        let after = try await read(after: before.mark)
        #expect(after.keys == ["slow", "quick"])
    }

    @Test func `a relay takes only the topics it is for, and another takes the rest`() async throws {
        try await OutboxFixture.with { fixture in
            let (orders, rest) = (RecordingSink(), RecordingSink())
            var configuration = OutboxFixture.quick
            configuration.topics = ["orders"]
            let first = fixture.relay(orders, name: "orders", configuration)
            configuration.topics = ["payments", "seats"]
            let second = fixture.relay(rest, name: "rest", configuration)
            for number in 0..<20 {
                try await fixture.enqueue("k\(number)", "x", to: ["orders", "payments", "seats"][number % 3])
            }
            try await fixture.running(first, second) {
                try await eventually("both have theirs") {
                    orders.acknowledged.count == 7 && rest.acknowledged.count == 13
                }
            }
            #expect(Set(orders.acknowledged.map(\.topic)) == ["orders"])
            #expect(Set(rest.acknowledged.map(\.topic)) == ["payments", "seats"])
        }
    }

    @Test func `a sink's lanes and topics are fixed, and a change is refused in words`() async throws {
        try await OutboxFixture.with { fixture in
            try await fixture.running(fixture.relay(RecordingSink())) {
                try await eventually("it is registered") {
                    try await fixture.count("select count(*) from skald.outbox_sinks") == 1
                }
            }
            var configuration = OutboxFixture.quick
            configuration.topics = ["orders"]
            let error = await #expect(throws: PostgresError.self) {
                try await fixture.relay(RecordingSink(), configuration).run()
            }
            #expect(error?.sqlState == "SK003")
            #expect(error?.message.contains("register another sink") == true)
        }
    }

    @Test func `OB1: no message is lost when the server is killed under relay and writers`() async throws {
        try await EmbeddedPostgres.with { server in
            try await withTestDatabase(.skald, on: server) { database in
                try await OutboxFixture.with(database) { fixture in
                    let sink = RecordingSink()
                    var known: Set<MessageID> = []
                    try await fixture.running(fixture.relay(sink)) {
                        for round in 0..<60 {
                            if round == 30 {
                                try await server.kill()
                                try await server.start()
                            }
                            try await eventually("the writer gets through") {
                                let message = OutboxMessage(key: "k\(round % 5)", type: "x", data: [])
                                do {
                                    try await fixture.enqueue([message])
                                    known.insert(message.id)
                                    return true
                                } catch is PostgresError {
                                    return false  // also where the outcome is unknown: then it may arrive or not
                                }
                            }
                        }
                        try await eventually("all that was acknowledged to the writer arrives", within: .seconds(60)) {
                            known.isSubset(of: sink.acknowledged.map(\.message.id))
                        }
                    }
                    Self.expectOrder(sink)
                }
            }
        }
    }
}
