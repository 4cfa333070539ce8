public import PostgresEventStore

extension ProjectionWorker {
    /// A worker's limits and time-outs. Every default is one to keep until a measurement says otherwise.
    public struct Configuration: Sendable {
        /// The leases on the projections. Default: 10 s.
        public var leases = LeaseKeeper.Configuration()

        /// The most events in one transaction, 1 to 10,000. Default: 500.
        public var maximumEvents = 500
        /// The most bytes of events' data and metadata in one transaction; a larger event goes alone. Default: 4 MiB.
        public var maximumBytes = 4 << 20
        /// How many statements a transaction has before no further event is added to it. Default: 2,000.
        public var maximumStatements = 2_000
        /// How long one transaction may take. One that takes longer is repeated with half as many events. Default: 10 s.
        public var statementTimeout: Duration = .seconds(10)

        /// The first pause after a failure that may pass; it doubles. Default: 50 ms.
        public var firstPause: Duration = .milliseconds(50)
        /// The longest pause after a failure that may pass. Default: 10 s.
        public var longestPause: Duration = .seconds(10)
        /// How long a projection stands still at an event that cannot be applied, before it is tried again. A process that
        /// starts tries at once, as does one that takes the projection over. Default: 1 min.
        public var stoppedPause: Duration = .seconds(60)

        /// How often it is measured how far the projections are behind. Default: 5 s.
        public var statusInterval: Duration = .seconds(5)

        /// The defaults.
        public init() {}

        var limits: ProjectionState.Limits {
            var limits = ProjectionState.Limits()
            limits.events = min(max(maximumEvents, 1), 10_000)
            limits.bytes = maximumBytes
            limits.firstPause = firstPause
            limits.longestPause = longestPause
            limits.stoppedPause = stoppedPause
            return limits
        }
    }
}
