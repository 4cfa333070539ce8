#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A key that a sink did not take a message of: its messages wait, in order, and no other key's do.
public struct BlockedKey: Sendable, Hashable {
    /// The sink that did not take it.
    public let sink: SinkName
    /// The tenant.
    public let tenant: String
    /// The topic.
    public let topic: String
    /// The key.
    public let key: String
    /// Whether it waits for an operator; otherwise it is tried again at `nextTry`.
    public let isParked: Bool
    /// The first message that is not acknowledged: its number within the key.
    public let keyVersion: Int64
    /// That message's id.
    public let messageID: MessageID
    /// How often it was refused.
    public let attempts: Int
    /// What the sink said last.
    public let reason: String
    /// When it is tried again.
    public let nextTry: Date
    /// Since when the key is blocked.
    public let blockedAt: Date
    /// How many of its messages are not acknowledged; counted up to 1,000.
    public let waiting: Int64
}
