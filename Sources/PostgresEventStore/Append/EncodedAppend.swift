import EventSourcing

/// One append to one stream, ready to be sent. A reference, because it goes through several queues.
final class EncodedAppend: Sendable {
    let stream: StreamID
    let expected: ExpectedVersion
    /// Every append has one, given or made: it is what resolves an unknown outcome.
    let id: AppendID
    /// Whether the caller gave the id, so that it may have been used before. One that was made here can only have been used
    /// by an earlier attempt of this very append.
    let isIDGiven: Bool
    let events: [NewEvent]
    /// The events' ids, given or made. Made once, so that an append that is sent again is the same append.
    let eventIDs: [EventID]
    /// Of data and metadata.
    let bytes: Int

    init(_ append: StreamAppend, id: AppendID?) {
        stream = append.stream
        expected = append.expected
        self.id = id ?? AppendID()
        isIDGiven = id != nil
        events = append.events
        eventIDs = append.events.map { $0.id ?? EventID() }
        bytes = append.events.reduce(0) { $0 + $1.data.count + $1.metadataJSON.count }
    }

    /// `append_group` takes any number of appends to a stream without an expectation, or one with.
    var hasExpectation: Bool { expected != .any }
}
