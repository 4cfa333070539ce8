import EventSourcing
import Testing

@Suite struct EventStoreErrorTests {
    private struct Cause: Error {}

    @Test func `the description is quiet and the debug description tells everything`() {
        let error = EventStoreError(
            .unavailable, "no route to db.internal",
            details: .init(stream: "patient-7", underlying: Cause()))
        #expect("\(error)" == "event store: unavailable")
        #expect(String(reflecting: error).contains("no route to db.internal (caused by "))
        let conflict = EventStoreError.versionConflict([.init(stream: "patient-7", expected: .noStream, actual: 4)])
        #expect(!"\(conflict)".contains("patient-7"))
    }

    @Test func `a conflict says in words what is where`() {
        let error = EventStoreError.versionConflict([
            .init(stream: "seat-A1", expected: .version(3), actual: 5),
            .init(stream: "seat-B1", expected: .streamExists, actual: nil),
        ])
        #expect(
            error.message
                == "stream \"seat-A1\" is at version 5, expected version 3; stream \"seat-B1\" does not exist, "
                + "expected an existing stream. Read the stream again and decide again")
        #expect(error.stream == "seat-A1" && error.expected == .version(3) && error.actual == 5)
    }

    @Test func `the outcome tells whether repeating makes sense`() {
        let table: [(EventStoreError.Code, EventStoreError.Outcome)] = [
            (.outcomeUnknown, .unknown), (.unavailable, .retriable), (.overloaded, .retriable), (.timedOut, .retriable),
            (.versionConflict, .failed), (.appendIDReused, .failed), (.invalidArgument, .failed),
            (.streamClosed, .failed),
            (.cancelled, .failed), (.init(rawValue: "ofMyOwn"), .failed),
        ]
        for (code, outcome) in table { #expect(EventStoreError(code, "").outcome == outcome, "\(code)") }
    }
}
