import Synchronization

extension Relay {
    /// Whether a relay is able to work, for a readiness check.
    public struct Health: Sendable, Hashable {
        /// Whether the sink is known in the database: false until the first contact.
        public let isRegistered: Bool
        /// When the database last answered; nil: not yet.
        public let databaseAnswered: ContinuousClock.Instant?
        /// Whether the relay pauses because the sink could not be reached.
        public let isPaused: Bool
        /// How many lanes this process works on. None is healthy where others work on all of them.
        public let lanes: Int
    }

    /// How the relay stands now.
    public var health: Health {
        let lanes = bells.withLock { $0.count }
        return Health(
            isRegistered: isRegistered.load(ordering: .relaxed),
            databaseAnswered: answered.withLock { $0 }, isPaused: circuit.withLock { $0.phase != .closed }, lanes: lanes
        )
    }
}
