#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// CloudEvents 1.0 over HTTP in binary mode: the attributes are headers, the body is the payload.
///
/// After https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md, section 3.1. The key
/// travels as the extension `partitionkey`, its version as `sequence` (padded with zeros, as that extension asks for values
/// that sort as text), the tenant, where there is one, as `tenant`.
public enum CloudEventHeaders {
    /// The headers of a message, `content-type` included, in a fixed order.
    public static func headers(of outbound: OutboundMessage) -> [(name: String, value: String)] {
        let message = outbound.message
        var headers = [
            (name: "ce-specversion", value: "1.0"), ("ce-id", message.id.description),
            ("ce-source", encode(message.source)), ("ce-type", encode(message.type)),
        ]
        func add(_ name: String, _ value: String?) {
            if let value { headers.append(("ce-\(name)", encode(value))) }
        }
        add("subject", message.subject)
        add("time", (message.time ?? outbound.recordedAt).formatted(timeStyle))
        add("dataschema", message.dataSchema)
        add("partitionkey", message.key)
        add("sequence", padded(outbound.keyVersion))
        add("tenant", outbound.tenant.isEmpty ? nil : outbound.tenant)
        add("traceparent", message.traceparent)
        for (name, value) in message.extensions.sorted(by: { $0.key < $1.key }) where !reserved.contains(name) {
            add(name, value)
        }
        if let traceparent = message.traceparent { headers.append(("traceparent", traceparent)) }
        if let type = message.dataContentType { headers.append(("content-type", type)) }
        return headers
    }

    static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// The attributes that have a place of their own, and so cannot be given as extensions too.
    static let reserved: Set<String> = [
        "specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype", "data",
        "partitionkey",
        "sequence", "tenant", "traceparent",
    ]

    /// 19 digits: as many as the highest version has.
    private static func padded(_ version: Int64) -> String {
        let digits = String(version)
        return String(repeating: "0", count: max(0, 19 - digits.count)) + digits
    }

    /// Percent-encodes what may not stand in a header: everything but the visible characters of ASCII, and of these the
    /// double quote and the percent sign (section 3.1.3.2).
    static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if (0x21...0x7E).contains(byte), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "%") {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 15)]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The other way; nil where an escape is broken or the bytes are not UTF-8.
    static func decode(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
