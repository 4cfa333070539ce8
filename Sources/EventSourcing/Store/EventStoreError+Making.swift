// The errors that every store raises alike, in the same words.
extension EventStoreError {
    /// An argument that breaks a rule; the reason names the rule or the limit.
    public static func invalidArgument(_ argument: String, _ reason: String) -> EventStoreError {
        EventStoreError(.invalidArgument, reason, details: Details(argument: argument))
    }

    /// One or more streams that were not as expected.
    public static func versionConflict(_ conflicts: [VersionConflict]) -> EventStoreError {
        let list = conflicts.map(\.description).joined(separator: "; ")
        return EventStoreError(
            .versionConflict, "\(list). Read the stream again and decide again", details: Details(conflicts: conflicts))
    }

    /// An append id that comes again with other content.
    public static func appendIDReused(_ id: AppendID, stream: StreamID) -> EventStoreError {
        EventStoreError(
            .appendIDReused,
            "append id \(id) was used on stream \"\(stream)\" with other content; use a new id for new content",
            details: Details(stream: stream, appendID: id))
    }

    /// A stream that was closed for ever.
    public static func streamClosed(_ stream: StreamID) -> EventStoreError {
        EventStoreError(
            .streamClosed, "stream \"\(stream)\" is closed and takes no more events", details: Details(stream: stream))
    }

    /// A cursor that the log went back beyond.
    public static func logRewound(_ cursor: LogCursor, now generation: LogGeneration) -> EventStoreError {
        EventStoreError(
            .logRewound,
            "the log was rewound: cursor \(cursor) lies beyond the start of generation \(generation), so what was read "
                + "there may be gone. Rebuild what was derived from it, and read again from the start",
            details: Details(position: cursor.position))
    }

    /// A wait or read that ended because its task was cancelled.
    public static let cancelled = EventStoreError(.cancelled, "the task was cancelled; nothing was done")
}
