public import EventSourcing

/// What went wrong with a projection.
///
/// `code` decides what to do. `description` is quiet, because errors leak into responses; `debugDescription` tells
/// everything.
public struct ProjectionError: Error, Sendable {
    /// The kind of error. Open: a switch over it needs a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the kind.
        public let description: String

        /// The projection did not come that far in time. It may still do so.
        public static let timedOut = Code(description: "timedOut")
        /// The projection stands still at an event that it cannot apply.
        public static let stopped = Code(description: "stopped")
        /// The database does not answer.
        public static let unavailable = Code(description: "unavailable")
        /// The calling task was cancelled.
        public static let cancelled = Code(description: "cancelled")
        /// A projection's name or version is not valid, or used twice.
        public static let invalidDefinition = Code(description: "invalidDefinition")
    }

    /// The kind of error.
    public let code: Code
    /// What was wrong and what to do about it, in a sentence.
    public let message: String
    /// Where the projection stands, if that is known.
    public let position: GlobalPosition?
    /// The event that it cannot apply, if it stands still.
    public let failedPosition: GlobalPosition?
    /// What caused it below, if anything did.
    public let underlying: (any Error)?

    private init(
        _ code: Code, _ message: String, position: GlobalPosition? = nil, failedPosition: GlobalPosition? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.position = position
        self.failedPosition = failedPosition
        self.underlying = underlying
    }
}

extension ProjectionError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without names, positions, or what the database said.
    public var description: String { "projection: \(code)" }

    /// Everything that is known.
    public var debugDescription: String {
        guard let underlying else { return "\(code): \(message)" }
        return "\(code): \(message) (caused by \(String(reflecting: underlying)))"
    }
}

extension ProjectionError {
    static func timedOut(
        _ name: ProjectionName, _ version: Int, waitingFor target: GlobalPosition, at position: GlobalPosition,
        _ timeout: Duration
    ) -> Self {
        Self(
            .timedOut,
            "projection \"\(name)\" (version \(version)) is at position \(position) and did not reach \(target) within "
                + "\(timeout); see that a ProjectionWorker runs it, and how far it is behind",
            position: position)
    }

    static func stopped(
        _ name: ProjectionName, _ version: Int, waitingFor target: GlobalPosition, at position: GlobalPosition,
        _ failed: GlobalPosition, _ reason: String?
    ) -> Self {
        Self(
            .stopped,
            "projection \"\(name)\" (version \(version)) is at position \(position) and cannot reach \(target): it cannot "
                + "apply the event at \(failed): \(reason ?? "no reason is known")",
            position: position, failedPosition: failed)
    }

    static func cancelled(_ name: ProjectionName, _ version: Int, waitingFor target: GlobalPosition) -> Self {
        Self(
            .cancelled,
            "the wait for projection \"\(name)\" (version \(version)) to reach \(target) was cancelled with its task")
    }

    static func unavailable(_ error: any Error) -> Self {
        Self(.unavailable, "the projections' checkpoints could not be read", underlying: error)
    }

    static func duplicate(_ name: ProjectionName, _ version: Int) -> Self {
        Self(
            .invalidDefinition,
            "two projections are called \"\(name)\" (version \(version)); they would share one checkpoint. Rename one")
    }

    static func invalidVersion(_ name: ProjectionName, _ version: Int) -> Self {
        Self(
            .invalidDefinition,
            "projection \"\(name)\" has version \(version); versions are 1 to 2,147,483,647")
    }
}
