import PostgresEventStore
import Synchronization

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
    private let (ending, end) = AsyncStream<Void>.makeStream()

    private struct Deliveries {
        var isClosed = false
        /// Claimed for this lane, and not read by its worker yet.
        var unread: Set<SagaKey> = []
    }

    private let deliveries = Mutex(Deliveries())

    init(_ kind: SagaKind, _ number: Int, _ lease: Lease) {
        self.kind = kind
        self.number = number
        self.lease = lease
        // Not bounded here: there is at most one message per saga in hand and call in flight, and those are.
        (messages, mailbox) = AsyncStream.makeStream()
    }

    func post(_ message: Message) { mailbox.yield(message) }

    /// Takes a saga in hand for this lane and hands it to its worker. False if this process has it in hand already, or as many
    /// as it may, or if the lane's worker has ended: a claim that nobody reads would keep the saga from this process for ever.
    func deliver(_ saga: LoadedSaga, claiming active: ActiveSagas) -> Bool {
        deliveries.withLock { deliveries in
            guard !deliveries.isClosed, active.claim(saga.key) else { return false }
            deliveries.unread.insert(saga.key)
            mailbox.yield(.load(saga))
            return true
        }
    }

    /// The worker has read the saga's message; the claim is its own from here on.
    func read(_ saga: SagaKey) { deliveries.withLock { _ = $0.unread.remove(saga) } }

    /// Returns when the worker has let go of the lane. Cancelled, which means that the lease is lost, it makes the worker
    /// do so and does not wait.
    func untilClosed() async {
        await withTaskCancellationHandler {
            for await _ in ending {}
        } onCancel: {
            mailbox.finish()
        }
    }

    /// The worker lets go of the lane. Gives back the claims on what it never read.
    func close(releasing active: ActiveSagas) {
        defer { end.finish() }
        let unread = deliveries.withLock { deliveries in
            deliveries.isClosed = true
            defer { deliveries.unread = [] }
            return deliveries.unread
        }
        for saga in unread { active.release(saga) }
    }
}
