import EventSourcing
import Testing

/// A stored type that the enum does not know is never dropped silently.
@Suite struct UnknownEventTests {
    private enum Open: Event, Equatable {
        static let category: StreamCategory = "seat"
        case closed
        case other(RawEvent)
        static func unknown(_ raw: RawEvent) -> Self? { .other(raw) }
    }

    private static let strangers = [
        recorded("seat.painted", #"{"colour":"red","by":1.50}"#), recorded("room.closed", "{}"),
        recorded("seatclosed", "{}"),
        recorded("seat.", "{}"), recorded("closed", "{}"),
    ]

    @Test(arguments: strangers)
    func `by default it fails, naming stream, version and type`(_ stranger: RecordedEvent) {
        let error = storeError { let _: [SeatEvent] = try EventCoding().decodeEvents(stranger) }
        #expect(error?.code == .unknownEventType)
        #expect(error?.stream == stranger.stream && error?.version == 3 && error?.eventType == stranger.type)
        #expect(error?.position == 42)
        #expect(error?.message.contains("has no case in SeatEvent") == true)
    }

    @Test(arguments: strangers)
    func `skipping tells about it`(_ stranger: RecordedEvent) throws {
        let told = Notes<RecordedEvent>()
        let coding = EventCoding(unknownEvents: .skip { told.add($0) })
        #expect(try coding.decode(stranger, as: SeatEvent.self).isEmpty)
        #expect(told.all == [stranger])
    }

    @Test(arguments: strangers)
    func `keeping gives the enum's own stand-in, which is written back as it was`(_ stranger: RecordedEvent) throws {
        let coding = EventCoding(unknownEvents: .keep)
        let events = try coding.decodeEvents(stranger, as: Open.self)
        guard case .other(let raw) = events.first else {
            Issue.record("got \(events)")
            return
        }
        #expect(raw.type == stranger.type)
        let again = try coding.encode(Open.other(raw))
        #expect(again.type == stranger.type)
        #expect(try JSONValue(parsing: again.data) == JSONValue(parsing: stranger.data))
    }

    @Test func `keeping fails where the enum has no stand-in`() {
        let coding = EventCoding(unknownEvents: .keep)
        let error = storeError { _ = try coding.decode(Self.strangers[0], as: SeatEvent.self) }
        #expect(error?.code == .unknownEventType)
    }

    @Test func `a policy is for unknown types: a known one that cannot be read fails under each`() {
        for policy in [UnknownEventPolicy.fail, .skip { _ in }, .keep] {
            let coding = EventCoding(unknownEvents: policy)
            for json in ["[]", "{", #"{"booking":7}"#] {
                let error = storeError {
                    _ = try coding.decode(recorded("seat.released", json), as: SeatEvent.self)
                }
                #expect(error?.code == .decoding, "\(json)")
            }
        }
    }
}
