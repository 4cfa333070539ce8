import Synchronization

/// Messages to a member of the loop, from any thread, in order.
///
/// Only the first message since the last drain has to schedule the member, so a burst costs one wake-up.
struct Mailbox<Message: Sendable>: ~Copyable, Sendable {
    private let messages = Mutex<[Message]>([])

    /// Adds a message; true when the member has to be scheduled on its loop.
    func post(_ message: Message) -> Bool {
        messages.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
    }

    /// Takes all messages, swapping the empty array in, whose capacity is used again.
    func take(into taken: inout [Message]) {
        messages.withLock { swap(&taken, &$0) }
    }
}
