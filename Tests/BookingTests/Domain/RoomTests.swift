import EventSourcing
import Foundation
import SkaldTesting
import Testing

@testable import Booking

// SG8, SG9: never more rooms are given away than there are.
struct RoomTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private var soon: Date { now + 600 }

    @Test func `a hotel gives away as many rooms as it has`() {
        given(Room(), .opened(rooms: 2), .held(booking: "b1", until: soon))
            .when(.hold("b2", until: soon, now: now)).then(.held(booking: "b2", until: soon))
        given(
            Room(), .opened(rooms: 2), .held(booking: "b1", until: soon), .sold(booking: "b1"),
            .held(booking: "b2", until: soon)
        )
        .when(.hold("b3", until: soon, now: now)).then(throws: .full)
    }

    @Test func `the oldest overdue hold makes room`() {
        given(Room(), .opened(rooms: 2), .held(booking: "b1", until: soon), .held(booking: "b2", until: soon - 60))
            .when(.hold("b3", until: soon + 60, now: soon - 30))
            .then(.expired(booking: "b2"), .held(booking: "b3", until: soon + 60))
    }

    @Test func `every command can come twice`() {
        given(Room(), .opened(rooms: 2)).when(.open(rooms: 3)).then()
        given(Room(), .opened(rooms: 1), .held(booking: "b1", until: soon)).when(.hold("b1", until: soon, now: now))
            .then()
        given(Room(), .opened(rooms: 1), .held(booking: "b1", until: soon), .sold(booking: "b1")).when(.sell("b1"))
            .then()
        given(Room(), .opened(rooms: 1), .released(booking: "b1")).when(.release("b1")).then()
    }

    @Test func `a release that overtakes its hold refuses the hold when it comes`() {
        given(Room(), .opened(rooms: 1)).when(.release("b1")).then(.released(booking: "b1"))
        given(Room(), .opened(rooms: 1), .released(booking: "b1"))
            .when(.hold("b1", until: soon, now: now)).then(throws: .calledOff)
    }

    @Test func `a release gives one room back, and a sold one stays sold`() {
        let state = Room().fold([
            .opened(rooms: 3), .held(booking: "b1", until: soon), .held(booking: "b2", until: soon),
        ])
        #expect(state.available == 1)
        #expect(
            Room().fold([.released(booking: "b1"), .sold(booking: "b2"), .released(booking: "b9")], from: state)
                .available == 2)
        given(Room(), .opened(rooms: 1), .held(booking: "b1", until: soon), .sold(booking: "b1"))
            .when(.release("b1")).then(throws: .sold)
    }

    @Test func `only a held room is sold`() {
        given(Room(), .opened(rooms: 1)).when(.sell("b1")).then(throws: .notHeld)
    }

    @Test func `a sold room that is taken back can be sold again, and is taken back once`() {
        let sold: [RoomEvent] = [.opened(rooms: 1), .held(booking: "b1", until: soon), .sold(booking: "b1")]
        given(Room(), sold[0], sold[1], sold[2]).when(.takeBack("b1")).then(.returned(booking: "b1"))
        let returned = given(Room(), sold[0], sold[1], sold[2], .returned(booking: "b1"))
        returned.when(.takeBack("b1")).then()
        returned.when(.hold("b2", until: soon, now: now)).then(.held(booking: "b2", until: soon))
        returned.when(.hold("b1", until: soon, now: now)).then(throws: .calledOff)
    }

    @Test func `a room is taken back only from who has bought it`() {
        given(Room(), .opened(rooms: 1), .held(booking: "b1", until: soon))
            .when(.takeBack("b1")).then(throws: .notSold)
        given(Room(), .opened(rooms: 1), .held(booking: "b1", until: soon), .sold(booking: "b1"))
            .when(.takeBack("b2")).then(throws: .notSold)
    }
}
