public import PostgresEventStore

extension SagaWorker {
    /// A worker's limits and time-outs. Every default is one to keep until a measurement says otherwise.
    public struct Configuration: Sendable {
        /// The topic that participants send their replies to. Needed as soon as a saga has a command step. Default:
        /// none.
        public var replyTo = ""
        /// The leases on the lanes. Default: 10 s.
        public var leases = LeaseKeeper.Configuration()
        /// How often to look for due sagas when nothing wakes the worker; timers are looked for when they are due.
        /// Default: 200 ms.
        public var pollInterval: Duration = .milliseconds(200)
        /// The shortest time between two looks. Default: 2 ms.
        public var shortestPollInterval: Duration = .milliseconds(2)
        /// The most sagas in hand, and so the most calls at once. Default: 256.
        public var maximumActive = 256
        /// How many groups of transitions are in flight at once: one is committing while the next is being executed.
        /// Default: 2.
        public var concurrentGroups = 2
        /// The most transitions in one group. Default: 128.
        public var maximumGroupSize = 128
        /// How long one statement may take. Default: 10 s.
        public var statementTimeout: Duration = .seconds(10)
        /// How often each lane is searched for calls that nobody runs, and the sagas under way are counted. It is not
        /// how calls of a process that died are found: that happens when its lanes change hands. Default: 30 s.
        public var housekeepingInterval: Duration = .seconds(30)
        /// How long a shutdown waits for calls to end and for transitions to be written. Then the calls are cancelled and
        /// the lanes handed on, whether or not the calls heed that: another worker takes them over as unknown. `run()`
        /// returns when all of them have. Default: 20 s.
        public var drainTimeout: Duration = .seconds(20)

        /// The defaults.
        public init() {}
    }
}
