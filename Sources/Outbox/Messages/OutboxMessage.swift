#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A message that leaves with the transaction that causes it: the attributes of a CloudEvent 1.0, a key, and a payload.
///
/// Messages of one topic and key are delivered in the order in which they were enqueued: the first delivery of one never
/// comes before the first delivery of the one before it. Choose as key what the order is about: a booking, a saga.
///
/// The attributes are described in https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md. They are not
/// encrypted and are written to logs: put no secrets there.
public struct OutboxMessage: Sendable, Hashable {
    /// The CloudEvents `id`. Default: a new one.
    public var id: MessageID
    /// What messages are ordered by, 1 to 250 bytes.
    public var key: String
    /// What kind of message it is, such as `booking.confirmed`, 1 to 250 bytes.
    public var type: String
    /// The CloudEvents `source`: where it comes from, a URI reference such as `/orders`, 1 to 250 bytes.
    public var source: String
    /// What it is about, in the source's own terms. Default: none.
    public var subject: String?
    /// When what it tells of happened. Default: when it is enqueued.
    public var time: Date?
    /// The media type of `data`. Default: `application/json`.
    public var dataContentType: String?
    /// A URI that names the schema of `data`. Default: none.
    public var dataSchema: String?
    /// The W3C trace context of the transaction that enqueues it; carried unchanged. Default: none.
    public var traceparent: String?
    /// CloudEvents extension attributes; the names are lower-case letters and digits. Default: none.
    public var extensions: [String: String]
    /// The payload, at most 1 MiB; every delivery carries these very bytes.
    public var data: [UInt8]

    /// A message with a payload of any kind.
    public init(
        id: MessageID = MessageID(), key: String, type: String, source: String = "/skald", subject: String? = nil,
        time: Date? = nil, dataContentType: String? = "application/json", dataSchema: String? = nil,
        traceparent: String? = nil, extensions: [String: String] = [:], data: [UInt8]
    ) {
        self.id = id
        self.key = key
        self.type = type
        self.source = source
        self.subject = subject
        self.time = time
        self.dataContentType = dataContentType
        self.dataSchema = dataSchema
        self.traceparent = traceparent
        self.extensions = extensions
        self.data = data
    }
}
