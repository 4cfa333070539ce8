extension PostgresEventStore {
    /// The store's limits and time-outs. Every default is one to keep until a measurement says otherwise.
    public struct Configuration: Sendable {
        /// The schema that the store lives in. Default: `skald`.
        public var schema: SchemaName = .standard
        /// The tenant whose streams this store sees. Default: the empty tenant, for systems that have none.
        public var tenant = ""

        /// How long a caller of `append` waits for an answer, attempts to find out an unknown outcome included.
        /// Default: 30 s.
        public var appendTimeout: Duration = .seconds(30)
        /// How long one statement may take. Default: 10 s.
        public var statementTimeout: Duration = .seconds(10)
        /// How many groups are in flight at once: one is gathered and one executed while a third is committing. Default: 3.
        public var concurrentGroups = 3
        /// How long an append waits at most for others to be sent with, while a group at least twice as large as what has
        /// been gathered is on its way. An append that finds nothing on its way never waits. Default: 2 ms.
        public var gatheringTime: Duration = .milliseconds(2)
        /// How many appends wait at once for a stream that another transaction holds, each on a connection of its own. Where
        /// there are more, they take turns. Default: 4.
        public var lanes = 4
        /// How long an append waits for its stream until another has its turn. Default: 250 ms.
        public var lanePatience: Duration = .milliseconds(250)
        /// The most appends in one group. Default: 256.
        public var maximumGroupSize = 256
        /// The most appends that wait in line; one more is refused with `overloaded`. Default: 8,192.
        public var maximumWaiting = 8_192
        /// The most bytes of events that wait in line; what goes beyond is refused with `overloaded`, unless nothing else
        /// waits. Default: 64 MiB.
        public var maximumWaitingBytes = 64 << 20

        /// How long a `transaction { }` may take in all, the wait for a connection and repetitions included: then it fails
        /// with `deadlineExceeded` and is rolled back. Default: 30 s.
        public var transactionTimeout: Duration = .seconds(30)
        /// How long a `transaction { }` may do nothing before the server ends it: an open one that has appended holds the
        /// watermark back. Default: 5 s.
        public var transactionIdleTimeout: Duration = .seconds(5)
        /// How often a `transaction { }` is begun at most, when it was rolled back for a passing cause: a deadlock, a
        /// serialization failure or a lost connection.
        /// Default: 5.
        public var transactionAttempts = 5

        /// How long a follower that has read everything waits at most before it looks again, if nothing wakes it.
        /// Default: 1 s.
        public var pollInterval: Duration = .seconds(1)
        /// Whether to listen for other processes' commits. Turn it off behind a pooler in transaction mode. Default: true.
        public var listens = true
        /// The shortest time between two wake-ups sent to other processes. Default: 5 ms.
        public var announceInterval: Duration = .milliseconds(5)
        /// How often head, watermark and its holder are measured. Default: 5 s.
        public var statusInterval: Duration = .seconds(5)

        /// The defaults.
        public init() {}

        var groups: AppendQueue<Ticket>.Limits {
            .init(appends: maximumGroupSize, waiting: maximumWaiting, waitingBytes: maximumWaitingBytes)
        }
    }
}
