import EventSourcing
import Foundation
import SkaldTesting
import Testing

/// The examples of API.md, and that each `then` fails where it should.
@Suite struct GivenWhenThenTests {
    private let noon = Date(timeIntervalSince1970: 1_767_225_600)

    @Test func `a held seat cannot be held again`() {
        given(Seat(), .held(booking: "b1", until: noon)).when(.hold("b2", until: noon)).then(throws: .taken)
    }

    @Test func `a free seat is held`() {
        given(Seat()).when(.hold("b2", until: noon)).then(.held(booking: "b2", until: noon))
        given(Seat(), .held(booking: "b1", until: noon), .released(booking: "b1"))
            .when(.hold("b2", until: noon))
            .then(.held(booking: "b2", until: noon))
            .then(state: .init(holder: "b2"))
    }

    @Test func `holding a seat again changes nothing`() {
        given(Seat(), .held(booking: "b1", until: noon)).when(.hold("b1", until: noon)).then()
    }

    @Test func `a decider that throws anything is held against any error`() {
        struct Refusal: Error, Equatable { let code: Int }
        struct Moody: Decider {
            let initialState = 0
            func decide(_ command: Int, in state: Int) throws -> [SeatEvent] { throw Refusal(code: command) }
            func evolve(_ state: inout Int, with event: SeatEvent) {}
        }
        given(Moody()).when(7).then(throws: Refusal(code: 7))
        withKnownIssue { given(Moody()).when(7).then(throws: Refusal(code: 8)) }
    }

    @Test func `every wrong expectation is an issue`() {
        let taken = given(Seat(), .held(booking: "b1", until: noon)).when(.hold("b2", until: noon))
        let held = given(Seat()).when(.hold("b2", until: noon))
        withKnownIssue("events expected, refused") { taken.then(.released(booking: "b1")) }
        withKnownIssue("nothing expected, refused") { taken.then() }
        withKnownIssue("state expected, refused") { taken.then(state: .init(holder: "b1")) }
        withKnownIssue("another refusal") { taken.then(throws: .notYours) }
        withKnownIssue("a refusal expected, decided") { held.then(throws: .taken) }
        withKnownIssue("other events") { held.then(.held(booking: "b3", until: noon)) }
        withKnownIssue("no events expected") { held.then() }
        withKnownIssue("another state") { held.then(state: .init(holder: nil)) }
    }

    @Test func `an event that the log cannot hold is an issue`() {
        enum Odd: Event, Equatable {
            static let category: StreamCategory = "odd"
            case number(Double)
            case text(String, label: String)
        }
        struct Oddity: Decider {
            let initialState = 0
            func decide(_ command: Odd, in state: Int) -> [Odd] { [command] }
            func evolve(_ state: inout Int, with event: Odd) {}
        }
        given(Oddity()).when(.number(1)).then(.number(1))
        withKnownIssue { given(Oddity()).when(.number(.infinity)).then(.number(.infinity)) }
        withKnownIssue { given(Oddity()).when(.text("", label: "")).then(.text("", label: "")) }
    }
}
