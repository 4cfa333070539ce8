extension LeaseKeeper {
    /// How long leases last, and how they are looked after.
    public struct Configuration: Sendable {
        /// The schema that the leases live in. Default: `skald`.
        public var schema: SchemaName = .standard
        /// How long a lease lasts on the database's clock, and so how long the work of a process that has died stands
        /// still. From 100 ms to an hour. Default: 10 s.
        public var duration: Duration = .seconds(10)
        /// How often leases are renewed and shared out. At most a third of `duration` is wise: two renewals may then be
        /// lost. Default: 2 s.
        public var interval: Duration = .seconds(2)
        /// How long before its end an owner stops relying on a lease. It covers clocks that run at different speeds.
        /// Default: 1 s.
        public var margin: Duration = .seconds(1)

        /// The defaults.
        public init() {}

        /// Leases of another length, with the other times in proportion: renewed every fifth, left a tenth early.
        public init(duration: Duration) {
            self.duration = duration
            interval = duration / 5
            margin = duration / 10
        }
    }
}
