import EventSourcing
import Foundation
import Testing

/// Every stored form reads as today's events (ES13).
@Suite struct UpcastTests {
    private func read(_ type: String, _ json: String) throws -> [SeatEvent] {
        try EventCoding().decodeEvents(recorded(type, json))
    }

    @Test func `an old form is converted`() throws {
        #expect(try read("seat.held", #"{"booking":"b1"}"#) == [.held(booking: "b1", until: .distantFuture)])
    }

    @Test func `today's form of the same case is read by the case`() throws {
        let until = Date(timeIntervalSince1970: 0)
        #expect(
            try read("seat.held.v2", #"{"booking":"b1","until":"1970-01-01T00:00:00Z"}"#)
                == [.held(booking: "b1", until: until)])
    }

    @Test func `one stored event may be read as several, which share its place`() throws {
        let event = recorded("seat.swapped", #"{"old":"b1","new":"b2","until":"1970-01-01T00:00:00Z"}"#)
        let events = try EventCoding().decode(event, as: SeatEvent.self)
        #expect(
            events.map(\.event)
                == [.released(booking: "b1"), .held(booking: "b2", until: Date(timeIntervalSince1970: 0))])
        #expect(events.map(\.version) == [3, 3] && events.map(\.position) == [42, 42])
        #expect(events[0].id == event.id && events[1].id == event.id)
    }

    @Test func `a renamed event is read under its new name`() throws {
        #expect(try read("seat.freed", #"{"booking":"b1"}"#) == [.released(booking: "b1")])
    }

    @Test func `renames lead on to other upcasts, and two that point at each other do not go round for ever`() throws {
        enum Chained: Event, Equatable {
            static let category: StreamCategory = "chain"
            case last(value: Int)
            static let upcasts: [Upcast<Self>] = [
                Upcast(renamed: "first", to: "second"), Upcast(renamed: "second", to: "third"),
                Upcast("third", as: Int.self) { .last(value: $0) },
                Upcast(renamed: "here", to: "there"), Upcast(renamed: "there", to: "here"),
            ]
        }
        let events: [Chained] = try EventCoding().decodeEvents(recorded("chain.first", "7"))
        #expect(events == [.last(value: 7)])
        let error = storeError { let _: [Chained] = try EventCoding().decodeEvents(recorded("chain.here", "7")) }
        #expect(error?.code == .unknownEventType)
    }

    @Test func `an upcast may drop an event, which is its own decision`() throws {
        enum Shrunk: Event {
            static let category: StreamCategory = "shrunk"
            case kept
            static let upcasts: [Upcast<Self>] = [Upcast("noise", as: JSONValue.self) { _ in [] }]
        }
        let events: [Shrunk] = try EventCoding().decodeEvents(recorded("shrunk.noise", #"{"any":"thing"}"#))
        #expect(events.isEmpty)
    }

    @Test func `an upcast that cannot read its form names stream, version and type`() throws {
        let error = storeError { _ = try read("seat.held", #"{"boking":"b1"}"#) }
        #expect(error?.code == .decoding)
        #expect(error?.stream == "seat-A1" && error?.version == 3 && error?.eventType == "seat.held")
        #expect(
            error?.message == "the event \"seat.held\" at version 3 of stream \"seat-A1\" cannot be read as SeatEvent: "
                + "it lacks the value \"booking\". Add an upcast for its stored form")
    }
}
