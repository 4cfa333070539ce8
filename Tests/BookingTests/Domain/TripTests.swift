import SkaldTesting
import Testing

@testable import Booking

struct TripTests {
    private let itinerary = Itinerary(seat: "1A", hotel: "Astoria", cents: 900, customer: "Ann")
    private var cancelling: Given<Trip> { given(Trip(), .ordered(itinerary), .confirmed, .cancelling) }

    @Test func `a trip is ordered, then confirmed or called off`() {
        given(Trip()).when(.order(itinerary)).then(.ordered(itinerary))
        given(Trip(), .ordered(itinerary)).when(.confirm).then(.confirmed)
        given(Trip(), .ordered(itinerary)).when(.callOff).then(.calledOff)
    }

    @Test func `it is never both`() {
        given(Trip(), .ordered(itinerary), .confirmed).when(.callOff).then(throws: .confirmed)
        given(Trip(), .ordered(itinerary), .calledOff).when(.confirm).then(throws: .calledOff)
    }

    @Test func `every command can come twice`() {
        given(Trip(), .ordered(itinerary)).when(.order(itinerary)).then()
        given(Trip(), .ordered(itinerary), .confirmed).when(.confirm).then()
        given(Trip(), .ordered(itinerary), .calledOff).when(.callOff).then()
        cancelling.when(.beginCancelling).then()
        given(Trip(), .ordered(itinerary), .confirmed, .cancelling, .kept).when(.keep).then()
        given(Trip(), .ordered(itinerary), .confirmed, .cancelling, .cancelled).when(.cancel).then()
    }

    @Test func `a trip that is called off before its order comes refuses it`() {
        given(Trip()).when(.callOff).then(.calledOff)
        given(Trip(), .calledOff).when(.order(itinerary)).then(throws: .calledOff)
        given(Trip()).when(.confirm).then(throws: .unknown)
    }

    @Test func `a confirmed trip is cancelled once the money is back, or kept`() {
        given(Trip(), .ordered(itinerary), .confirmed).when(.beginCancelling).then(.cancelling)
        cancelling.when(.cancel).then(.cancelled)
        cancelling.when(.keep).then(.kept)
        given(Trip(), .ordered(itinerary), .confirmed, .cancelling, .kept).when(.beginCancelling).then(.cancelling)
    }

    @Test func `only a confirmed trip is cancelled`() {
        given(Trip()).when(.beginCancelling).then(throws: .unknown)
        given(Trip(), .ordered(itinerary)).when(.beginCancelling).then(throws: .notConfirmed)
        given(Trip(), .ordered(itinerary), .calledOff).when(.beginCancelling).then(throws: .calledOff)
        given(Trip(), .ordered(itinerary), .confirmed).when(.cancel).then(throws: .notCancelling)
    }

    @Test func `what is cancelled stays cancelled`() {
        let cancelled = given(Trip(), .ordered(itinerary), .confirmed, .cancelling, .cancelled)
        cancelled.when(.keep).then(throws: .cancelled)
        cancelled.when(.beginCancelling).then()
        cancelled.when(.callOff).then(throws: .confirmed)
    }

    @Test func `a confirmation that comes again does not bring a cancelled trip back`() {
        cancelling.when(.confirm).then()
        given(Trip(), .ordered(itinerary), .confirmed, .cancelling, .cancelled).when(.confirm).then()
    }
}
