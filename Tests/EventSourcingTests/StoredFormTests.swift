import EventSourcing
import Foundation
import Testing

/// Stored formats are for ever: these are the bytes that lie in people's databases. Never change an expectation here.
@Suite struct StoredFormTests {
    private let noon = Date(timeIntervalSinceReferenceDate: 791_640_000.25)

    private func stored(_ event: some Event) throws -> String {
        let new = try EventCoding().encode(event)
        return "\(new.type) \(String(decoding: new.data, as: UTF8.self))"
    }

    @Test func `labelled values are an object under the case's stored name`() throws {
        #expect(
            try stored(SeatEvent.held(booking: "b/1", until: noon))
                == #"seat.held.v2 {"booking":"b/1","until":"2026-02-01T12:00:00.250000Z"}"#)
        #expect(try stored(SeatEvent.released(booking: "b\"ü\n")) == #"seat.released {"booking":"b\"ü\n"}"#)
    }

    @Test func `one value without a label is the data itself`() throws {
        #expect(
            try stored(SeatEvent.moved(.init(from: "A1", to: "B7"))) == #"seat.moved {"from":"A1","to":"B7"}"#)
    }

    @Test func `a case without values is an empty object`() throws {
        #expect(try stored(SeatEvent.closed) == "seat.closed {}")
    }
}
