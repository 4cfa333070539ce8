extension LeaseKeeper {
    /// How long leases last, and how they are looked after.
    public struct Configuration: Sendable {
        /// The schema that the leases live in. Default: `skald`.
        public var schema: SchemaName = .standard
        /// How long a lease lasts on the database's clock, and so how long the work of a process that has died stands
        /// still. From 100 ms to an hour. Default: 10 s.
        public var duration: Duration = .seconds(10)
        /// How often leases are renewed and shared out. At most a third of `duration` is wise: two renewals may then be
        /// lost. Default: a fifth of `duration`.
        public var interval: Duration {
            get { chosenInterval ?? duration / 5 }
            set { chosenInterval = newValue }
        }
        /// How long before its end an owner stops relying on a lease. It covers clocks that run at different speeds. Must be
        /// shorter than `duration`, or no lease would ever be relied on. Default: a tenth of `duration`.
        public var margin: Duration {
            get { chosenMargin ?? duration / 10 }
            set { chosenMargin = newValue }
        }
        private var chosenInterval: Duration?
        private var chosenMargin: Duration?

        /// The defaults.
        public init() {}

        /// Leases of another length, with the other times in proportion: renewed every fifth, left a tenth early.
        public init(duration: Duration) { self.duration = duration }
    }
}
