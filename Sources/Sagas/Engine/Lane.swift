import PostgresEventStore

/// One lane of a kind of saga while this process has the lease on it: the mailbox of the worker that serves it.
final class Lane: Sendable {
    enum Message: Sendable {
        /// A saga that is due, or that was running when its worker was lost.
        case load(LoadedSaga)
        /// What became of a transition.
        case answered(SagaKey, TransitionAnswer)
        /// How a call ended.
        case ended(SagaKey, StepOutcome)
        /// A call has used up its time.
        case overdue(SagaKey, SagaAction)
        /// The lease is to be given back.
        case stop
        /// The time for that is over.
        case giveUp
    }

    let kind: SagaKind
    let number: Int
    let lease: Lease
    let messages: AsyncStream<Message>
    private let mailbox: AsyncStream<Message>.Continuation

    init(_ kind: SagaKind, _ number: Int, _ lease: Lease) {
        self.kind = kind
        self.number = number
        self.lease = lease
        // Not bounded here: there is at most one message per saga in hand and call in flight, and those are.
        (messages, mailbox) = AsyncStream.makeStream()
    }

    func post(_ message: Message) { mailbox.yield(message) }
}
