#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A message as an operator sees it: where it stands, without its payload.
public struct ListedMessage: Sendable, Hashable {
    /// Its place in the outbox.
    public let position: Int64
    /// `sent`, `pending`, `retrying` or `parked`; the last two also where it waits behind an earlier message of its key.
    public let state: String
    /// Its id.
    public let id: MessageID
    /// The tenant.
    public let tenant: String
    /// The topic.
    public let topic: String
    /// The key.
    public let key: String
    /// Its number among the messages of its key; 1 is the first.
    public let keyVersion: Int64
    /// What kind of message it is.
    public let type: String
    /// When it was enqueued.
    public let recordedAt: Date
}
