/// Where an enqueued message stands, once its transaction commits.
public struct Enqueued: Sendable, Hashable {
    /// The message's id.
    public let id: MessageID
    /// Its number among the messages of its topic and key; 1 is the first.
    public let keyVersion: Int64
    /// Its place in the outbox.
    public let position: Int64
}
