import Hummingbird
import NIOCore
import Outbox
import Postgres
import SkaldTesting
import Synchronization
import Testing

@testable import SinkHTTP

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// OB3, OB5, OB7, OB9 over real HTTP: what each answer means, and that a lost answer does no harm.
@Suite struct HTTPSinkTests {
    private func outbound(_ key: String, topic: String = "orders") -> OutboundMessage {
        OutboundMessage(
            OutboxMessage(key: key, type: "order.noted", data: Array("{}".utf8)), topic: topic, tenant: "",
            keyVersion: 1,
            position: 1, recordedAt: .now)
    }

    static let answers: [(status: Int, result: PublishResult)] = [
        (200, .acknowledged), (202, .acknowledged), (204, .acknowledged),
        (400, .refused(reason: "HTTP 400: no")), (404, .refused(reason: "HTTP 404: no")),
        (403, .refused(reason: "HTTP 403: no")), (401, .unknown(reason: "HTTP 401: no")),
        (407, .unknown(reason: "HTTP 407: no")), (422, .refused(reason: "HTTP 422: no")),
        (408, .unknown(reason: "HTTP 408: no")),
        (425, .unknown(reason: "HTTP 425: no")), (429, .unknown(reason: "HTTP 429: no")),
        (301, .unknown(reason: "HTTP 301: no")), (500, .unknown(reason: "HTTP 500: no")),
        (503, .unknown(reason: "HTTP 503: no")),
    ]

    @Test(arguments: answers)
    func `an answer means what the table says`(status: Int, result: PublishResult) {
        #expect(HTTPSink.result(status: status, text: " no\n") == result)
    }

    @Test func `each message gets its own answer, in the order asked`() async throws {
        let statuses: [String: HTTPResponse.Status] = [
            "a": .ok, "b": .unprocessableContent, "c": .internalServerError, "d": .noContent,
        ]
        let results = try await Endpoint.with { event in
            statuses[event.extensions["partitionkey"] ?? ""] ?? .badRequest
        } body: { port in
            try await HTTPSink(endpoint: Endpoint.url(port)).publish(["a", "b", "c", "d", "e"].map { outbound($0) })
        }
        #expect(
            results == [
                .acknowledged, .refused(reason: "HTTP 422"), .unknown(reason: "HTTP 500"), .acknowledged,
                .refused(reason: "HTTP 400"),
            ])
    }

    @Test func `nobody listening is the sink being down, and a topic without an endpoint is a refusal`() async throws {
        let port = try await Endpoint.with { _ in
            .ok
        } body: {
            $0
        }  // free again
        let sink = HTTPSink { $0.topic == "orders" ? Endpoint.url(port) : nil }
        await #expect(throws: (any Error).self) { try await sink.publish([outbound("a"), outbound("b")]) }
        let results = try await sink.publish([outbound("a", topic: "unheard of")])
        #expect(results == [.refused(reason: "there is no endpoint for the topic unheard of")])
    }

    @Test(arguments: [401, 407])
    func `credentials that are not accepted are the sink's fault if it says so of every message, and unknown otherwise`(
        status: Int
    ) async throws {
        try await Endpoint.with { event in
            event.extensions["partitionkey"] == "open" ? .ok : .init(code: status)
        } body: { port in
            let sink = HTTPSink(endpoint: Endpoint.url(port))
            let error = await #expect(throws: (any Error).self) {
                try await sink.publish([outbound("a"), outbound("b")])
            }
            #expect(error.map { "\($0)".contains("HTTP \(status)") } == true)
            let results = try await sink.publish([outbound("a"), outbound("open")])
            #expect(results == [.unknown(reason: "HTTP \(status)"), .acknowledged])
        }
    }

    @Test func `OB7: a credential that expires parks no key, and everything is delivered once it is renewed`()
        async throws
    {
        let isValid = Mutex(false)
        let refusals = Mutex(0)
        try await OutboxFixture.with { fixture in
            let received = Received()
            try await Endpoint.with { event in
                guard isValid.withLock({ $0 }) else {
                    refusals.withLock { $0 += 1 }
                    return .unauthorized
                }
                received.add(event)
                return .ok
            } body: { port in
                var configuration = OutboxFixture.quick
                configuration.attempts = 1
                for number in 0..<20 { try await fixture.enqueue("k\(number % 5)", "\(number)") }
                try await fixture.running(fixture.relay(HTTPSink(endpoint: Endpoint.url(port)), configuration)) {
                    try await eventually("it was refused again and again") { refusals.withLock { $0 } > 20 }
                    #expect(try await fixture.count("select count(*) from skald.outbox_blocked") == 0)
                    isValid.withLock { $0 = true }
                    try await eventually("everything arrives") { received.events.count == 20 }
                }
            }
        }
    }

    @Test func `OB5: no answer in time is an unknown outcome`() async throws {
        let gate = AsyncStream.makeStream(of: Void.self)
        try await Endpoint.with { _ in
            for await _ in gate.stream { break }
            return .ok
        } body: { port in
            var configuration = HTTPSink.Configuration()
            configuration.timeout = .milliseconds(100)
            let sink = HTTPSink(endpoint: Endpoint.url(port), configuration: configuration)
            let results = try await sink.publish([outbound("a")])
            guard case .unknown = results.first else {
                Issue.record("expected an unknown outcome, got \(results)")
                return
            }
            gate.continuation.finish()
        }
    }

    @Test(arguments: [200, 500])
    func `OB5: an answer whose body stalls is taken by its head, and in time`(status: Int) async throws {
        let gate = AsyncStream.makeStream(of: Void.self)
        try await Endpoint.withResponse { _ in
            Response(
                status: .init(code: status),
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "no"))
                    for await _ in gate.stream { break }
                    try await writer.finish(nil)
                })
        } body: { port in
            var configuration = HTTPSink.Configuration()
            configuration.timeout = .milliseconds(300)
            let sink = HTTPSink(endpoint: Endpoint.url(port), configuration: configuration)
            let results = try await withThrowingTaskGroup(of: [PublishResult]?.self) { group in
                group.addTask { try await sink.publish([outbound("a")]) }
                group.addTask {
                    try await Task.sleep(for: .seconds(15))
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            #expect(results == [HTTPSink.result(status: status, text: "")])
            gate.continuation.finish()
        }
    }

    @Test func `what can't be posted at all is refused: a header's value, a URL`() async throws {
        let sink = HTTPSink { $0.topic == "orders" ? "http://127.0.0.1:9/events" : $0.topic }
        var message = OutboxMessage(key: "a", type: "x", data: [])
        message.traceparent = "00-\r\nx: y"
        let unfit = OutboundMessage(
            message, topic: "orders", tenant: "", keyVersion: 1, position: 1, recordedAt: .now)
        for message in [unfit, outbound("b", topic: "ftp://x/"), outbound("c", topic: "/events")] {
            let result = try await sink.publish([message]).first
            guard case .refused = result else {
                Issue.record("expected a refusal of \(message.topic), got \(String(describing: result))")
                continue
            }
        }
    }

    @Test func `OB5: when a call's time is up, the messages that were answered stay acknowledged`() async throws {
        let gate = AsyncStream.makeStream(of: Void.self)
        let received = Received()
        try await OutboxFixture.with { fixture in
            try await Endpoint.with { event in
                received.add(event)
                if event.extensions["partitionkey"] == "hangs" { for await _ in gate.stream { break } }
                return .ok
            } body: { port in
                var configuration = OutboxFixture.quick
                configuration.lanes = 1
                configuration.callsInFlight = 1
                configuration.publishTimeout = .milliseconds(300)
                configuration.unknownBackoff = RelayBackoff(first: .seconds(60), longest: .seconds(60))
                for number in 0..<10 { try await fixture.enqueue("k\(number)", "x") }
                try await fixture.enqueue("hangs", "x")
                try await fixture.running(fixture.relay(HTTPSink(endpoint: Endpoint.url(port)), configuration)) {
                    try await eventually("the others are acknowledged for good") {
                        try await fixture.count("select max(position) from skald.outbox_cursors") == 10
                    }
                }
                gate.continuation.finish()
            }
        }
        let keys = received.events.compactMap { $0.extensions["partitionkey"] }
        #expect(keys.count { $0 != "hangs" } == 10, "each was sent once")
    }

    @Test func `OB7: while the endpoint is down nothing is counted, and when it is back everything arrives in order`()
        async throws
    {
        try await OutboxFixture.with { fixture in
            let port = try await Endpoint.with { _ in
                .ok
            } body: {
                $0
            }
            var configuration = OutboxFixture.quick
            configuration.attempts = 1
            let received = Received()
            let relay = fixture.relay(HTTPSink(endpoint: Endpoint.url(port)), configuration)
            try await fixture.running(relay) {
                for number in 0..<60 { try await fixture.enqueue("k\(number % 6)", "\(number)") }
                #expect(try await fixture.count("select count(*) from skald.outbox_blocked") == 0)
                try await Endpoint.with(port: port) { event in
                    received.add(event)
                    return .ok
                } body: { _ in
                    try await eventually("everything arrives") { received.events.count >= 60 }
                }
            }
            for key in 0..<6 {
                let numbers = received.events.filter { $0.extensions["partitionkey"] == "k\(key)" }.map { event in
                    Int(String(decoding: event.data, as: UTF8.self)) ?? -1
                }
                #expect(numbers == Array(stride(from: key, to: 60, by: 6)))
            }
        }
    }

    /// The consumer handles, and then its answer is lost: every second one, as if the connection had died.
    @Test func `OB3, OB9: lost answers make duplicates, and the inbox makes one effect of them`() async throws {
        try await OutboxFixture.with { sender in
            try await OutboxFixture.with { receiver in
                try await receiver.database.psql(
                    "create table effect (id uuid); grant insert on effect to skald_writer")
                let inbox = Inbox(receiver.client, consumer: "effects")
                let (received, duplicates) = (Received(), Received())
                try await Endpoint.with { event in
                    guard let id = event.messageID else { return .badRequest }
                    let handling = try await inbox.handle(id, madeAt: event.time) { tx in
                        try await tx.execute("insert into effect values (\(id.rawValue))")
                    }
                    if handling == .duplicate { duplicates.add(event) }
                    received.add(event)
                    return received.events.count.isMultiple(of: 2) ? .internalServerError : .ok
                } body: { port in
                    try await sender.running(sender.relay(HTTPSink(endpoint: Endpoint.url(port)))) {
                        for number in 0..<80 { try await sender.enqueue("k\(number % 9)", "\(number)") }
                        try await eventually("nothing is left") {
                            let blocked = try await sender.count("select count(*) from skald.outbox_blocked")
                            let pending = try await sender.database.psql(
                                "select sum(pending) from skald.outbox_status()", as: .reader)
                            return blocked == 0 && pending == "0"
                        }
                    }
                }
                #expect(!duplicates.events.isEmpty, "or nothing was tried")
                #expect(try await receiver.count("select count(*) from effect") == 80)
                #expect(try await receiver.count("select count(distinct id) from effect") == 80)
                for (_, copies) in Dictionary(grouping: received.events, by: \.id) {
                    #expect(Set(copies).count == 1, "OB3: duplicates are equal")
                }
            }
        }
    }

    private final class Received: Sendable {
        private let state = Mutex<[ReceivedEvent]>([])

        var events: [ReceivedEvent] { state.withLock { $0 } }

        func add(_ event: ReceivedEvent) { state.withLock { $0.append(event) } }
    }
}
