import Testing

@testable import Outbox

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// OB3: what a message looks like on the wire, and that the receiving end reads the same.
@Suite struct CloudEventHeadersTests {
    private let message = OutboxMessage(
        id: MessageID(UUID(uuidString: "0198c0de-0000-7000-8000-00000000002a") ?? UUID()), key: "booking 7",
        type: "booking.confirmed", source: "/orders", subject: "50% of \"it\"",
        time: Date(timeIntervalSince1970: 1_700_000_000.25), dataSchema: "https://example.org/s",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        extensions: ["saga": "trip-7", "id": "x"],
        data: Array("{}".utf8))

    private var outbound: OutboundMessage {
        OutboundMessage(
            message, topic: "bookings", tenant: "acme", keyVersion: 12, position: 99,
            recordedAt: Date(timeIntervalSince1970: 0))
    }

    @Test func `a message becomes the headers of binary mode`() {
        let lines = CloudEventHeaders.headers(of: outbound).map { "\($0.name): \($0.value)" }
        #expect(
            lines == [
                "ce-specversion: 1.0", "ce-id: 0198c0de-0000-7000-8000-00000000002a", "ce-source: /orders",
                "ce-type: booking.confirmed", "ce-subject: 50%25%20of%20%22it%22", "ce-time: 2023-11-14T22:13:20.250Z",
                "ce-dataschema: https://example.org/s", "ce-partitionkey: booking%207",
                "ce-sequence: 0000000000000000012",
                "ce-tenant: acme", "ce-traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "ce-saga: trip-7", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "content-type: application/json",
            ])
    }

    @Test func `the receiving end reads what was sent`() throws {
        let event = try ReceivedEvent(headers: CloudEventHeaders.headers(of: outbound), data: message.data)
        #expect(event.messageID == message.id)
        #expect(event.source == message.source && event.type == message.type && event.subject == message.subject)
        #expect(event.time == message.time)
        #expect(event.dataContentType == message.dataContentType && event.dataSchema == message.dataSchema)
        #expect(event.extensions["partitionkey"] == "booking 7" && event.extensions["saga"] == "trip-7")
        #expect(event.extensions["sequence"] == "0000000000000000012" && event.extensions["tenant"] == "acme")
        #expect(event.data == message.data)
    }

    /// The example of the specification, section 3.1.3.2, and the bounds of what is left as it is.
    @Test(arguments: [
        ("Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80"), ("!~", "!~"), ("\u{20}\u{7F}", "%20%7F"), ("a\nb", "a%0Ab"),
        ("", ""),
    ])
    func `values are percent-encoded and back`(plain: String, encoded: String) {
        #expect(CloudEventHeaders.encode(plain) == encoded)
        #expect(CloudEventHeaders.decode(encoded) == plain)
    }

    @Test(arguments: ["%", "%2", "%zz", "%FF"])
    func `a broken escape is not read`(text: String) {
        #expect(CloudEventHeaders.decode(text) == nil)
    }

    /// Header lines, and the attribute that is at fault in them.
    static let broken: [(lines: [String], attribute: String)] = [
        (["ce-id: 1", "ce-source: /", "ce-type: t"], "specversion"),
        (["ce-specversion: 0.3", "ce-id: 1", "ce-source: /", "ce-type: t"], "specversion"),
        (["ce-specversion: 1.0", "ce-id: ", "ce-source: /", "ce-type: t"], "id"),
        (["CE-SpecVersion: 1.0", "CE-Id: 1", "CE-Source: /"], "type"),
        (["ce-specversion: 1.0", "ce-id: 1", "ce-source: /", "ce-type: t", "ce-time: noon"], "time"),
        (["ce-specversion: 1.0", "ce-id: 1", "ce-source: /", "ce-type: %FF"], "type"),
    ]

    private func headers(_ lines: [String]) -> [(name: String, value: String)] {
        lines.map { line in
            let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (name: parts[0], value: parts[1])
        }
    }

    @Test(arguments: broken)
    func `what is not a CloudEvent is refused and the attribute named`(lines: [String], attribute: String) {
        let error = #expect(throws: ReceivedEventError.self) {
            try ReceivedEvent(headers: headers(lines), data: [])
        }
        #expect(error?.attribute == attribute)
    }

    @Test func `a time without a fraction is read too`() throws {
        let lines = ["ce-specversion: 1.0", "ce-id: 1", "ce-source: /", "ce-type: t", "ce-time: 2023-11-14T22:13:20Z"]
        let event = try ReceivedEvent(headers: headers(lines), data: [])
        #expect(event.time == Date(timeIntervalSince1970: 1_700_000_000))
        #expect(event.messageID == nil)
    }
}
