public import PostgresEventStore

extension Relay {
    /// A relay's limits and time-outs. Every default is one to keep until a measurement says otherwise.
    public struct Configuration: Sendable {
        /// The schema that the outbox lives in. Default: `skald`.
        public var schema: SchemaName = .standard
        /// The topics to send; nil: all. Fixed when the sink's name is first used. Default: nil.
        public var topics: [String]?
        /// How many lanes the sink has, 1 to 256: at most so many processes can share the work. Fixed when the sink's name
        /// is first used. Default: 8.
        public var lanes = 8
        /// Whether a sink whose name is new begins with what is enqueued from now on, instead of with the oldest message
        /// that is still there. Default: false.
        public var startsFromNow = false

        /// The leases on the lanes. Default: 10 s.
        public var leases = LeaseKeeper.Configuration()
        /// How often to look for messages when nothing wakes the relay. Default: 100 ms.
        public var pollInterval: Duration = .milliseconds(100)
        /// How often at least the cursor of a lane without messages is moved on, so that old messages can be purged.
        /// Default: 30 s.
        public var idleCursorInterval: Duration = .seconds(30)

        /// The most messages of a lane in hand. Default: 500.
        public var readBatch = 500
        /// The most messages in one call of the sink, each of another key. Default: 64.
        public var publishBatch = 64
        /// The most calls of the sink in flight per lane. Keys that were blocked or without an answer are sent in calls of
        /// their own, which leave one for the other keys: with 1 there is none, and a key whose messages hang holds up its
        /// lane for as long as they do. Default: 4.
        public var callsInFlight = 4
        /// How long a call of the sink may take; then it is cancelled, and what it does not answer for has an unknown
        /// outcome. Default: 30 s.
        public var publishTimeout: Duration = .seconds(30)
        /// How long a statement may take. Default: 10 s.
        public var statementTimeout: Duration = .seconds(10)

        /// Refusals of one message after which its key is parked until an operator replays it. Default: 8.
        public var attempts = 8
        /// How long a key waits after a refusal. Default: from 1 s doubling to 5 min.
        public var refusalBackoff = RelayBackoff(first: .seconds(1), longest: .seconds(300))
        /// Unknown outcomes of one message after which the lane goes on without its key, which is tried again later, and
        /// then once at a time. Default: 3.
        public var unknownInHand = 3
        /// How long a message waits after an unknown outcome. Default: from 200 ms doubling to 30 s.
        public var unknownBackoff = RelayBackoff(first: .milliseconds(200), longest: .seconds(30))
        /// How long the relay pauses when the sink cannot be reached. Default: from 200 ms doubling to 30 s.
        public var circuitBackoff = RelayBackoff(first: .milliseconds(200), longest: .seconds(30))
        /// How many keys in a row must have an unknown outcome before the sink itself is taken to be down. Default: 8.
        public var suspiciousKeys = 8

        /// How long messages are kept at least after they were enqueued, whether or not everybody has them. Default: 1 day.
        public var keep: Duration = .seconds(86_400)
        /// How often what nobody needs is dropped, and the state of the lanes is measured. Default: 10 s.
        public var housekeepingInterval: Duration = .seconds(10)

        /// The defaults.
        public init() {}

        var limits: LaneState.Limits {
            LaneState.Limits(
                attempts: attempts, refusalBackoff: refusalBackoff, unknownInHand: unknownInHand,
                unknownBackoff: unknownBackoff, inHand: readBatch)
        }
    }
}
