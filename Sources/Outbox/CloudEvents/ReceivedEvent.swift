#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A CloudEvent 1.0 that came in over HTTP in binary mode, for the receiving end.
public struct ReceivedEvent: Sendable, Hashable {
    /// `ce-id`: with `source`, what duplicates are recognised by.
    public let id: String
    /// `ce-source`.
    public let source: String
    /// `ce-type`.
    public let type: String
    /// `ce-subject`.
    public let subject: String?
    /// `ce-time`; nil where there is none.
    public let time: Date?
    /// `content-type`.
    public let dataContentType: String?
    /// `ce-dataschema`.
    public let dataSchema: String?
    /// The other attributes, by their names without `ce-`.
    public let extensions: [String: String]
    /// The body.
    public let data: [UInt8]

    /// The id as an ``Inbox`` takes it; nil where the sender's ids are not UUIDs.
    public var messageID: MessageID? { UUID(uuidString: id).map { MessageID($0) } }

    /// Reads headers (names in any case) and a body.
    ///
    /// - Throws: ``ReceivedEventError`` for what is not a CloudEvent 1.0 in binary mode: answer 400.
    public init(headers: some Sequence<(name: String, value: String)>, data: [UInt8]) throws(ReceivedEventError) {
        var attributes: [String: String] = [:]
        var contentType: String?
        for (name, value) in headers {
            let name = name.lowercased()
            if name == "content-type" { contentType = value }
            guard name.hasPrefix("ce-") else { continue }
            guard let decoded = CloudEventHeaders.decode(value) else {
                throw ReceivedEventError(
                    attribute: String(name.dropFirst(3)), reason: "it is not percent-encoded UTF-8")
            }
            attributes[String(name.dropFirst(3))] = decoded
        }
        func required(_ name: String) throws(ReceivedEventError) -> String {
            guard let value = attributes.removeValue(forKey: name), !value.isEmpty else {
                throw ReceivedEventError(attribute: name, reason: "it is missing")
            }
            return value
        }
        guard try required("specversion") == "1.0" else {
            throw ReceivedEventError(attribute: "specversion", reason: "it must be 1.0")
        }
        id = try required("id")
        source = try required("source")
        type = try required("type")
        subject = attributes.removeValue(forKey: "subject")
        dataSchema = attributes.removeValue(forKey: "dataschema")
        time = try attributes.removeValue(forKey: "time").map { text throws(ReceivedEventError) in
            try Self.time(text)
        }
        dataContentType = contentType
        extensions = attributes
        self.data = data
    }

    /// RFC 3339, with or without a fraction.
    private static func time(_ text: String) throws(ReceivedEventError) -> Date {
        for style in [CloudEventHeaders.timeStyle, Date.ISO8601FormatStyle()] {
            if let date = try? Date(text, strategy: style) { return date }
        }
        throw ReceivedEventError(attribute: "time", reason: "it is not a time after RFC 3339")
    }
}

/// What came in is not a CloudEvent 1.0 in binary mode.
public struct ReceivedEventError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The attribute that is at fault, without `ce-`.
    public let attribute: String
    /// What is wrong with it.
    public let reason: String

    /// The attribute and what is wrong with it.
    public var description: String { "the CloudEvents attribute \(attribute) is not valid: \(reason)" }
}
