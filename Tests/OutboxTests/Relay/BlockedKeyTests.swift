import Outbox
import SkaldTesting
import Synchronization
import Testing

/// OB3, OB4, OB5, OB7: what a message that the sink does not take does to its key, and what it does not do to others.
@Suite struct BlockedKeyTests {
    private var impatient: Relay.Configuration {
        var configuration = OutboxFixture.quick
        configuration.attempts = 3
        return configuration
    }

    private func `operator`(_ fixture: OutboxFixture) -> OutboxOperator { OutboxOperator(fixture.operatorClient) }

    @Test func `OB7: a refused message parks its key after the attempts, durably, and the other keys go on`()
        async throws
    {
        try await OutboxFixture.with { fixture in
            let sink = RecordingSink { $0.text == "bad" ? .refused(reason: "no such seat") : .acknowledged }
            try await fixture.running(fixture.relay(sink, impatient)) {
                try await fixture.enqueue("a", "good", "bad", "waits")
                for number in 0..<30 { try await fixture.enqueue("k\(number)", "good") }
                try await eventually("the others arrive") { sink.acknowledged.count == 31 }
                try await eventually("the key is parked") {
                    try await self.operator(fixture).parked().count == 1
                }
                try await fixture.enqueue("a", "waits too")
                try await fixture.enqueue("b", "good")
                try await eventually("the others still go on") { sink.acknowledged.count == 32 }
            }
            let parked = try #require(try await `operator`(fixture).parked().first)
            #expect(parked.key == "a" && parked.keyVersion == 2 && parked.attempts == 3)
            #expect(parked.reason == "no such seat")
            #expect(parked.waiting == 3)
            #expect(sink.deliveries.count { $0.message.text == "bad" } == 3)
            #expect(
                !sink.deliveries.contains { $0.message.text.hasPrefix("waits") }, "OB4: nothing passes a parked message"
            )
        }
    }

    @Test func `OB4: a parked key is replayed in order, and what was enqueued meanwhile follows`() async throws {
        try await OutboxFixture.with { fixture in
            let sink = RecordingSink { $0.message.key == "a" ? .refused(reason: "closed") : .acknowledged }
            let texts = (1...40).map { "\($0)" }
            try await fixture.running(fixture.relay(sink, impatient)) {
                try await fixture.enqueue(texts[..<20].map { OutboxMessage(key: "a", type: "x", data: Array($0.utf8)) })
                try await eventually("the key is parked") { try await self.operator(fixture).parked().count == 1 }
                try await fixture.enqueue(
                    texts[20..<30].map { OutboxMessage(key: "a", type: "x", data: Array($0.utf8)) })
                sink.answer { _ in .acknowledged }
                #expect(
                    try await `operator`(fixture).replay(
                        "test", topic: "orders", key: "a", actor: "ada", reason: "it is open") == 1)
                // Enqueued while the relay drains the key: these may come by either way, and must not be passed or doubled.
                for text in texts[30...] { try await fixture.enqueue("a", text) }
                try await eventually("all arrive") { sink.acknowledged.count >= texts.count }
                try await eventually("the key is free") {
                    try await fixture.count("select count(*) from skald.outbox_blocked") == 0
                }
            }
            #expect(sink.acknowledged.map(\.text) == texts)
            DeliveryTests.expectOrder(sink)
        }
    }

    @Test
    func `OB7: a sink that cannot be reached counts no attempt, blocks no key, and the backlog drains when it is back`()
        async throws
    {
        try await OutboxFixture.with { fixture in
            let sink = RecordingSink()
            sink.isReachable = false
            var configuration = impatient
            configuration.attempts = 1
            try await fixture.running(fixture.relay(sink, configuration)) {
                for number in 0..<100 { try await fixture.enqueue("k\(number % 10)", "\(number)") }
                try await eventually("it tries again and again") { sink.calls > 20 }
                #expect(try await fixture.count("select count(*) from skald.outbox_blocked") == 0)
                sink.isReachable = true
                try await eventually("the backlog drains") { sink.acknowledged.count == 100 }
            }
            DeliveryTests.expectOrder(sink)
        }
    }

    @Test
    func `OB7: one message that never gets an answer does not stop the other keys, and is never counted as refused`()
        async throws
    {
        try await OutboxFixture.with { fixture in
            let sink = RecordingSink { $0.message.key == "dead" ? .unknown(reason: "500") : .acknowledged }
            try await fixture.running(fixture.relay(sink, impatient)) {
                try await fixture.enqueue("dead", "poison", "behind it")
                for number in 0..<100 { try await fixture.enqueue("k\(number)", "x") }
                try await eventually("the others arrive") { sink.acknowledged.count == 100 }
                try await eventually("it is still sent") { sink.deliveries.count { $0.message.text == "poison" } > 12 }
                let key = try #require(try await `operator`(fixture).parked(includingRetrying: true).first)
                #expect(!key.isParked && key.attempts == 0)
                try await eventually("what has become of it is kept, so that the wait grows") {
                    try await fixture.count("select max(unknowns) from skald.outbox_blocked") > 8
                }
                sink.answer { _ in .acknowledged }
                try await eventually("in the end it is taken") { sink.acknowledged.count == 102 }
            }
            DeliveryTests.expectOrder(sink)
        }
    }

    @Test(arguments: [2, 4])
    func `OB7: a key whose messages hang does not hold up the other keys of its lane, however long the hanging takes`(
        calls: Int
    ) async throws {
        try await OutboxFixture.with { fixture in
            let hanging = Mutex(0)
            let gate = AsyncStream.makeStream(of: Void.self)
            let sink = RecordingSink { message in
                guard message.message.key == "hangs" else { return .acknowledged }
                hanging.withLock { $0 += 1 }
                defer { hanging.withLock { $0 -= 1 } }
                for await _ in gate.stream {}
                return .acknowledged
            }
            var configuration = OutboxFixture.quick
            configuration.lanes = 1
            configuration.callsInFlight = calls
            configuration.publishTimeout = .seconds(600)
            let isHanging = { hanging.withLock { $0 } == 1 }
            try await fixture.running(fixture.relay(sink, configuration)) {
                defer { gate.continuation.finish() }
                try await fixture.enqueue("hangs", "1", "2", "3")
                try await eventually("it hangs") { isHanging() }
                for number in 0..<30 {
                    try await fixture.enqueue("k\(number % 3)", "\(number)")
                    if number % 10 == 9 {
                        try await eventually("the others arrive") { sink.acknowledged.count == number + 1 }
                    }
                }
                #expect(isHanging(), "all the while")
                let passed = try await fixture.count(
                    "select count(*) from skald.outbox_cursors where position > 0 and position < 4")
                #expect(passed == 0, "OB5: the cursor waits for it")
                gate.continuation.finish()
                try await eventually("its messages arrive in order") { sink.acknowledged.count == 33 }
            }
        }
    }

    @Test func `OB7: a key that was blocked and hangs does not hold up those of its lane that are sent after it`()
        async throws
    {
        try await OutboxFixture.with { fixture in
            let attempts = Mutex(0)
            let hanging = Mutex(false)
            let gate = AsyncStream.makeStream(of: Void.self)
            let sink = RecordingSink { message in
                guard message.message.key == "hangs" else { return .acknowledged }
                let attempt = attempts.withLock { attempts in
                    attempts += 1
                    return attempts
                }
                guard attempt > 1 else { return .refused(reason: "not yet") }
                hanging.withLock { $0 = true }
                for await _ in gate.stream {}
                return .acknowledged
            }
            var configuration = OutboxFixture.quick
            configuration.lanes = 1
            configuration.callsInFlight = 2
            configuration.publishTimeout = .seconds(600)
            try await fixture.running(fixture.relay(sink, configuration)) {
                defer { gate.continuation.finish() }
                try await fixture.enqueue("hangs", "1")
                try await eventually("it was refused once, and hangs then") { hanging.withLock { $0 } }
                for number in 0..<20 { try await fixture.enqueue("k\(number % 3)", "\(number)") }
                try await eventually("the others arrive") { sink.acknowledged.count == 20 }
            }
        }
    }

    @Test func `OB7: a row that can't be read parks its key, whatever is wrong with it, and the lane goes on`()
        async throws
    {
        try await OutboxFixture.with { fixture in
            try await fixture.enqueue("bad", "first", "broken", "behind it")
            for number in 0..<20 { try await fixture.enqueue("k\(number)", "x") }
            // What no function of ours lets in: written by hand, or restored.
            try await fixture.database.psql(
                """
                set session_replication_role = replica;
                update skald.outbox set time = 'infinity' where key = 'bad' and key_version = 2;
                """)
            let sink = RecordingSink()
            try await fixture.running(fixture.relay(sink, impatient)) {
                try await eventually("the others arrive") { sink.acknowledged.count == 21 }
                try await eventually("the key is parked") { try await self.operator(fixture).parked().count == 1 }
                let parked = try #require(try await `operator`(fixture).parked().first)
                #expect(parked.key == "bad" && parked.keyVersion == 2 && parked.waiting == 2)
                #expect(parked.reason.contains("can't be read"))
                // Replayed without having been repaired, it parks again.
                _ = try await `operator`(fixture).replay(
                    "test", topic: "orders", key: "bad", actor: "ada", reason: "to see")
                try await eventually("the key is parked again") { try await self.operator(fixture).parked().count == 1 }
            }
            #expect(sink.acknowledged.count == 21)
        }
    }

    @Test func `OB5: without an acknowledgement no cursor moves past a message, and it is sent again with the same id`()
        async throws
    {
        try await OutboxFixture.with(Self.noAcknowledgement)
    }

    static func noAcknowledgement(_ fixture: OutboxFixture) async throws {
        let sink = RecordingSink { _ in .unknown(reason: "timeout") }
        try await fixture.enqueue("a", "one")
        try await fixture.enqueue("b", "two")
        var configuration = OutboxFixture.quick
        configuration.unknownInHand = 1_000
        try await fixture.running(fixture.relay(sink, configuration)) {
            try await eventually("it is sent again and again") { sink.deliveries.count > 20 }
            let passed = """
                select count(*) from skald.outbox o join skald.outbox_cursors c
                on o.bucket between c.first_bucket and c.last_bucket where o.position <= c.position
                """
            #expect(try await fixture.count(passed) == 0)
            #expect(Set(sink.deliveries.map(\.message)).count == 2, "OB3: duplicates are equal")
        }
    }

    @Test func `OB3: a message that was refused comes again with the same id and the same content`() async throws {
        try await OutboxFixture.with(Self.refusal)
    }

    static func refusal(_ fixture: OutboxFixture) async throws {
        let refusals = Mutex(0)
        let sink = RecordingSink { _ in
            refusals.withLock { count in
                count += 1
                return count < 3 ? .refused(reason: "not yet") : .acknowledged
            }
        }
        try await fixture.running(fixture.relay(sink)) {
            try await fixture.enqueue("a", "one")
            try await eventually("it is taken") { !sink.acknowledged.isEmpty }
        }
        #expect(sink.deliveries.count >= 3)
        #expect(Set(sink.deliveries.map(\.message)).count == 1, "OB3: duplicates are equal")
    }

    @Test func `OB7: blocked and parked keys survive the relay, and the next one goes on where it stood`() async throws
    {
        try await OutboxFixture.with { fixture in
            let refusing = RecordingSink { $0.message.key == "a" ? .refused(reason: "no") : .acknowledged }
            try await fixture.enqueue("a", "1", "2", "3")
            try await fixture.enqueue("b", "1")
            try await fixture.running(fixture.relay(refusing, impatient)) {
                try await eventually("the key is parked") { try await self.operator(fixture).parked().count == 1 }
            }
            let willing = RecordingSink()
            try await fixture.running(fixture.relay(willing, impatient)) {
                try await fixture.enqueue("b", "2")
                try await eventually("the other key goes on") { willing.acknowledged.map(\.text) == ["2"] }
                try await `operator`(fixture).replay("test", actor: "ada", reason: "it is willing")
                try await eventually("the parked one too") { willing.acknowledged.count == 4 }
            }
            #expect(willing.acknowledged.filter { $0.message.key == "a" }.map(\.text) == ["1", "2", "3"])
        }
    }
}
