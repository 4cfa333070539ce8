#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A message on its way: as it was enqueued, with the place it got in the outbox.
public struct OutboundMessage: Sendable, Hashable {
    /// What was enqueued. Its `time` is always set.
    public let message: OutboxMessage
    /// The topic it was enqueued to.
    public let topic: String
    /// The tenant it belongs to; empty for systems that have none.
    public let tenant: String
    /// Its number among the messages of its key, without holes; 1 is the first.
    public let keyVersion: Int64
    /// Its place in the outbox.
    public let position: Int64
    /// When it was enqueued, by the database's clock.
    public let recordedAt: Date

    /// A message with its place.
    public init(
        _ message: OutboxMessage, topic: String, tenant: String, keyVersion: Int64, position: Int64, recordedAt: Date
    ) {
        self.message = message
        self.topic = topic
        self.tenant = tenant
        self.keyVersion = keyVersion
        self.position = position
        self.recordedAt = recordedAt
    }

    /// What it is ordered within.
    var orderKey: OrderKey { OrderKey(tenant: tenant, topic: topic, key: message.key) }
}

/// What messages are ordered within: a key of a topic of a tenant.
struct OrderKey: Sendable, Hashable, Comparable {
    let tenant: String
    let topic: String
    let key: String

    static func < (left: OrderKey, right: OrderKey) -> Bool {
        (left.tenant, left.topic, left.key) < (right.tenant, right.topic, right.key)
    }
}
