/// What went wrong in an event store.
///
/// `code` says what kind of thing it is and decides what to do; the other properties say what the caller needs for it.
/// `description` is quiet, because errors leak into responses; `debugDescription` tells everything.
public struct EventStoreError: Error, Sendable {
    /// The kind of error.
    public let code: Code
    /// What was wrong and what to do about it, in a sentence.
    public let message: String
    private let details: Details

    /// Makes an error, for a store of your own.
    public init(_ code: Code, _ message: String, details: Details = Details()) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// Whether the operation had an effect.
    public var outcome: Outcome {
        switch code {
        case .outcomeUnknown: .unknown
        case .unavailable, .overloaded, .timedOut: .retriable
        default: .failed
        }
    }

    /// Every stream that was not as expected, with what was expected and what is there. Empty unless `versionConflict`.
    public var conflicts: [VersionConflict] { details.conflicts }
    /// The first conflict's stream, or the stream that the error is about.
    public var stream: StreamID? { details.conflicts.first?.stream ?? details.stream }
    /// What was expected of the first conflict's stream.
    public var expected: ExpectedVersion? { details.conflicts.first?.expected }
    /// The actual version of the first conflict's stream; nil also where the stream does not exist.
    public var actual: StreamVersion? { details.conflicts.first?.actual }
    /// The name of the argument that was not valid.
    public var argument: String? { details.argument }
    /// The append id that was used with other content, or that repeating an append of unknown outcome needs.
    public var appendID: AppendID? { details.appendID }
    /// The version of the event that could not be read.
    public var version: StreamVersion? { details.version }
    /// The stored type of the event that could not be read or written.
    public var eventType: String? { details.eventType }
    /// The position that the error is about.
    public var position: GlobalPosition? { details.position }
    /// What caused it below, if anything did.
    public var underlying: (any Error)? { details.underlying }

    /// Whether an operation that failed may have had an effect.
    public enum Outcome: Sendable, Hashable {
        /// It had none, and repeating it will fail again.
        case failed
        /// It had none, and repeating it later may succeed.
        case retriable
        /// It may have had its effect or none. Repeat it with the same append id to find out.
        case unknown
    }
}

extension EventStoreError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without names of streams, values, or what the database said.
    public var description: String { "event store: \(code)" }

    /// Everything that is known, with names of streams and the cause below.
    public var debugDescription: String {
        guard let underlying else { return "\(code): \(message)" }
        return "\(code): \(message) (caused by \(String(reflecting: underlying)))"
    }
}

extension EventStoreError: Equatable {
    /// True if kind, words and context are the same; what caused it below is not compared.
    public static func == (lhs: EventStoreError, rhs: EventStoreError) -> Bool {
        lhs.code == rhs.code && lhs.message == rhs.message && lhs.conflicts == rhs.conflicts
            && lhs.stream == rhs.stream && lhs.argument == rhs.argument && lhs.appendID == rhs.appendID
            && lhs.version == rhs.version && lhs.eventType == rhs.eventType && lhs.position == rhs.position
    }
}
