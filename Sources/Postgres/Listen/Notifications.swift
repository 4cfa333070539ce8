/// The notifications of some channels, without end: it ends when the client is shut down or the task is cancelled.
///
/// A notification is a hint, not a message: one that is sent while the connection is down is lost, and
/// ``PostgresNotification/resubscribed`` says that this may have happened. So look for the news itself, in a table, at each
/// hint and now and then without one.
public struct Notifications: AsyncSequence, Sendable {
    /// A notification or a resubscription.
    public typealias Element = PostgresNotification
    /// `notRunning` where the client does not run yet, `unsupported` behind a transaction pooler.
    public typealias Failure = PostgresError

    let channels: [String]
    let client: PostgresClient

    /// Listens anew, apart from other iterators.
    public func makeAsyncIterator() -> Iterator {
        Iterator(channels: channels, client: client)
    }

    /// Takes the notifications, listening for as long as it lives.
    public struct Iterator: AsyncIteratorProtocol {
        private let channels: [String]
        private let client: PostgresClient
        private var subscription: Subscription?

        init(channels: [String], client: PostgresClient) {
            self.channels = channels
            self.client = client
        }

        /// The next notification. The first call begins to listen.
        public mutating func next() async throws(PostgresError) -> PostgresNotification? {
            try await next(isolation: #isolation)
        }

        /// The next notification. The first call begins to listen.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(PostgresError) -> PostgresNotification? {
            if subscription == nil { subscription = try client.subscribe(channels) }
            return await subscription?.subscriber.next()
        }
    }
}

@available(*, unavailable)
extension Notifications.Iterator: Sendable {}

extension PostgresClient {
    /// Listens on channels (`LISTEN`), on a connection that all listeners of the client share.
    ///
    /// It begins with the first element that is asked for, which is ``PostgresNotification/resubscribed``, and subscribes
    /// again by itself whenever the connection was lost.
    ///
    /// - Parameter channels: Their names, exactly as `notify "name"` or `pg_notify` spell them.
    public func listen(on channels: [String]) -> Notifications {
        Notifications(channels: channels, client: self)
    }

    func subscribe(_ channels: [String]) throws(PostgresError) -> Subscription {
        let pool = try pool()
        guard !configuration.usesTransactionPooler else {
            throw PostgresError(
                .unsupported, "a pooler in transaction mode swallows LISTEN",
                hint: "Give the listener a client that connects to the server directly.", outcome: .failed)
        }
        for channel in channels where channel.isEmpty || channel.utf8.count > 63 || channel.utf8.contains(0) {
            throw PostgresError(
                .invalidArgument, "a channel's name has 1 to 63 bytes, none of them NUL", outcome: .failed)
        }
        let subscriber = Subscriber(channels: Set(channels))
        pool.listener.post(.subscribe(subscriber))
        return Subscription(subscriber, pool.listener)
    }
}

/// One iterator's subscription; it ends with the last reference to it.
final class Subscription {
    let subscriber: Subscriber
    private let listener: Listener

    init(_ subscriber: Subscriber, _ listener: Listener) {
        self.subscriber = subscriber
        self.listener = listener
    }

    deinit {
        listener.post(.unsubscribe(subscriber))
    }
}
