import Foundation
import SkaldTesting
import Testing

@testable import Booking

// SG8, SG9: a seat is never sold twice, and a hold belongs to a live booking or ends by its own time limit.
struct SeatTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private var soon: Date { now + 600 }

    @Test func `a free seat can be held, and then sold`() {
        given(Seat(), .added).when(.hold("b1", until: soon, now: now)).then(.held(booking: "b1", until: soon))
        given(Seat(), .added, .held(booking: "b1", until: soon)).when(.sell("b1")).then(.sold(booking: "b1"))
    }

    @Test func `a seat that is held or sold is nobody else's`() {
        given(Seat(), .added, .held(booking: "b1", until: soon))
            .when(.hold("b2", until: soon, now: now)).then(throws: .taken)
        given(Seat(), .added, .held(booking: "b1", until: soon)).when(.sell("b2")).then(throws: .notHeld)
        given(Seat(), .added, .held(booking: "b1", until: soon), .sold(booking: "b1"))
            .when(.hold("b2", until: soon, now: .distantFuture)).then(throws: .taken)
        given(Seat(), .added, .held(booking: "b1", until: soon), .sold(booking: "b1"))
            .when(.sell("b2")).then(throws: .notHeld)
    }

    @Test func `every command can come twice`() {
        given(Seat(), .added).when(.add).then()
        given(Seat(), .added, .held(booking: "b1", until: soon)).when(.hold("b1", until: soon, now: now)).then()
        given(Seat(), .added, .held(booking: "b1", until: soon), .sold(booking: "b1")).when(.sell("b1")).then()
        given(Seat(), .added, .held(booking: "b1", until: soon), .released(booking: "b1"))
            .when(.release("b1")).then()
    }

    @Test func `a hold ends by its own time limit, when somebody else wants the seat and not before`() {
        let held: [SeatEvent] = [.added, .held(booking: "b1", until: soon)]
        given(Seat(), held[0], held[1]).when(.hold("b2", until: soon + 60, now: soon - 1)).then(throws: .taken)
        given(Seat(), held[0], held[1]).when(.hold("b2", until: soon + 60, now: soon))
            .then(.expired(booking: "b1"), .held(booking: "b2", until: soon + 60))
        given(Seat(), held[0], held[1], .expired(booking: "b1"), .held(booking: "b2", until: soon + 60))
            .when(.sell("b1")).then(throws: .notHeld)
    }

    @Test func `a release that overtakes its hold refuses the hold when it comes`() {
        given(Seat(), .added).when(.release("b1")).then(.released(booking: "b1"))
        given(Seat(), .added, .released(booking: "b1"))
            .when(.hold("b1", until: soon, now: now)).then(throws: .calledOff)
        given(Seat(), .added, .released(booking: "b1"))
            .when(.hold("b2", until: soon, now: now)).then(.held(booking: "b2", until: soon))
    }

    @Test func `releasing one's own hold frees the seat, another's release does not`() {
        given(Seat(), .added, .held(booking: "b1", until: soon), .released(booking: "b1"))
            .when(.hold("b2", until: soon, now: now)).then(.held(booking: "b2", until: soon))
        given(Seat(), .added, .held(booking: "b1", until: soon), .released(booking: "b2"))
            .when(.hold("b3", until: soon, now: now)).then(throws: .taken)
    }

    @Test func `what is sold is not released`() {
        given(Seat(), .added, .held(booking: "b1", until: soon), .sold(booking: "b1"))
            .when(.release("b1")).then(throws: .sold)
    }

    @Test func `there are no other seats than those that were added`() {
        given(Seat()).when(.hold("b1", until: soon, now: now)).then(throws: .unknown)
    }

    @Test func `a sold seat that is taken back is free for others, and not for whoever gave it back`() {
        let sold: [SeatEvent] = [.added, .held(booking: "b1", until: soon), .sold(booking: "b1")]
        given(Seat(), sold[0], sold[1], sold[2]).when(.takeBack("b1")).then(.returned(booking: "b1"))
        let returned = given(Seat(), sold[0], sold[1], sold[2], .returned(booking: "b1"))
        returned.when(.hold("b2", until: soon, now: now)).then(.held(booking: "b2", until: soon))
        returned.when(.hold("b1", until: soon, now: now)).then(throws: .calledOff)
        returned.when(.sell("b1")).then(throws: .notHeld)
        returned.when(.takeBack("b1")).then()
    }

    @Test func `a seat is taken back only from its owner`() {
        given(Seat(), .added, .held(booking: "b1", until: soon), .sold(booking: "b1"))
            .when(.takeBack("b2")).then(throws: .notSold)
        given(Seat(), .added, .held(booking: "b1", until: soon)).when(.takeBack("b1")).then(throws: .notSold)
        given(Seat(), .added).when(.takeBack("b1")).then(throws: .notSold)
        given(
            Seat(), .added, .held(booking: "b1", until: soon), .sold(booking: "b1"), .returned(booking: "b1"),
            .held(booking: "b2", until: soon), .sold(booking: "b2")
        )
        .when(.takeBack("b1")).then()
    }
}
