/// A message as it was read of a lane. One that cannot be decoded has its place all the same, so that its key can be parked
/// there and the other keys go on.
struct ReadMessage: Sendable {
    enum Content: Sendable {
        case message(OutboundMessage)
        case unreadable(reason: String)
    }

    let orderKey: OrderKey
    let keyVersion: Int64
    let position: Int64
    let content: Content

    init(_ message: OutboundMessage) {
        orderKey = message.orderKey
        keyVersion = message.keyVersion
        position = message.position
        content = .message(message)
    }

    init(unreadable key: OrderKey, keyVersion: Int64, position: Int64, reason: String) {
        orderKey = key
        self.keyVersion = keyVersion
        self.position = position
        content = .unreadable(reason: reason)
    }
}
