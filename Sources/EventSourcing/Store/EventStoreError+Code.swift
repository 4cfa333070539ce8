extension EventStoreError {
    /// The kind of error. Open: a store may add kinds of its own, so a switch over it needs a default.
    public struct Code: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
        /// The name of the kind.
        public let rawValue: String

        /// Makes a kind of a store's own.
        public init(rawValue: String) { self.rawValue = rawValue }

        private init(_ rawValue: String) { self.rawValue = rawValue }

        /// A stream is not at the expected version; `conflicts` says which and where it is. Read again, decide again.
        public static let versionConflict = Code("versionConflict")
        /// The append id was used before with other content. Use a new id for new content.
        public static let appendIDReused = Code("appendIDReused")
        /// An argument breaks a rule or a limit; the message names it.
        public static let invalidArgument = Code("invalidArgument")
        /// The stream was closed for ever.
        public static let streamClosed = Code("streamClosed")
        /// An append condition failed: a matching event was appended after the given position.
        public static let conditionFailed = Code("conditionFailed")
        /// A stored event has a type that the event enum does not know.
        public static let unknownEventType = Code("unknownEventType")
        /// A stored event cannot be read as the type asked for.
        public static let decoding = Code("decoding")
        /// An event cannot be written as JSON.
        public static let encoding = Code("encoding")
        /// The append may have happened or not: repeat it with the same append id.
        public static let outcomeUnknown = Code("outcomeUnknown")
        /// The store cannot be reached now. Nothing happened.
        public static let unavailable = Code("unavailable")
        /// The store has more work waiting than its limit. Nothing happened.
        public static let overloaded = Code("overloaded")
        /// The deadline passed before the operation was begun. Nothing happened.
        public static let timedOut = Code("timedOut")
        /// The calling task was cancelled before anything happened.
        public static let cancelled = Code("cancelled")
        /// The store was used before `run()` or after it ended.
        public static let notRunning = Code("notRunning")
        /// The log went back beyond the cursor: what it points at may no longer be what was read.
        public static let logRewound = Code("logRewound")
        /// The transaction's isolation level does not allow this.
        public static let isolationLevel = Code("isolationLevel")

        /// The name of the kind.
        public var description: String { rawValue }
    }
}
