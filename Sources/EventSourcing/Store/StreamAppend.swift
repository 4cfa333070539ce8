/// The events that one append adds to one stream, and what it expects of it.
public struct StreamAppend: Sendable, Hashable {
    /// The stream.
    public let stream: StreamID
    /// What the writer believes about the stream.
    public let expected: ExpectedVersion
    /// The events, first to last.
    public let events: [NewEvent]

    /// Describes an append.
    public init(_ events: [NewEvent], to stream: StreamID, expecting expected: ExpectedVersion) {
        self.stream = stream
        self.expected = expected
        self.events = events
    }
}

extension StreamAppend {
    /// Checks what can be known without a database. Every store calls this before it does anything.
    ///
    /// Names, types, sizes and JSON are checked where `StreamID` and `NewEvent` are made; this checks the whole.
    ///
    /// - Throws: `invalidArgument`, naming the rule or the limit.
    public static func validate(_ appends: [StreamAppend]) throws(EventStoreError) {
        if appends.isEmpty || appends.count > EventLimits.streamsPerAppend {
            throw .invalidArgument(
                "appends",
                "an append takes 1 to \(EventLimits.streamsPerAppend) streams; this one has \(appends.count)")
        }
        var total = 0
        for append in appends {
            if append.stream.isReserved {
                throw .invalidArgument(
                    "stream",
                    "streams that begin with \"$\" are the framework's own; \"\(append.stream)\" takes no appends"
                )
            }
            if append.events.isEmpty {
                throw .invalidArgument(
                    "events", "an append needs at least one event; stream \"\(append.stream)\" got none")
            }
            total += append.events.count
        }
        if total > EventLimits.eventsPerAppend {
            throw .invalidArgument(
                "events", "an append takes at most \(EventLimits.eventsPerAppend) events; this one has \(total)")
        }
        // Fewer events cannot have more.
        if total > EventLimits.bytesPerAppend / (EventLimits.dataBytes + EventLimits.metadataBytes) {
            let bytes = appends.lazy.flatMap(\.events).reduce(0) { $0 + $1.data.count + $1.metadataJSON.count }
            if bytes > EventLimits.bytesPerAppend {
                throw .invalidArgument(
                    "events",
                    "an append takes at most \(EventLimits.bytesPerAppend) bytes of data and metadata; this one has "
                        + "\(bytes). Append the events in several calls, or keep large ones elsewhere")
            }
        }
        if appends.count > 1, Set(appends.map(\.stream)).count < appends.count {
            throw .invalidArgument("appends", "each stream may stand only once in an append; put its events together")
        }
    }
}
