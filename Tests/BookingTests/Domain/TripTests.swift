import SkaldTesting
import Testing

@testable import Booking

struct TripTests {
    @Test func `a trip is ordered, then confirmed or cancelled`() {
        given(Trip()).when(.order(cents: 900)).then(.ordered(cents: 900))
        given(Trip(), .ordered(cents: 900)).when(.confirm).then(.confirmed)
        given(Trip(), .ordered(cents: 900)).when(.cancel).then(.cancelled)
    }

    @Test func `it is never both`() {
        given(Trip(), .ordered(cents: 900), .confirmed).when(.cancel).then(throws: .confirmed)
        given(Trip(), .ordered(cents: 900), .cancelled).when(.confirm).then(throws: .cancelled)
    }

    @Test func `every command can come twice`() {
        given(Trip(), .ordered(cents: 900)).when(.order(cents: 900)).then()
        given(Trip(), .ordered(cents: 900), .confirmed).when(.confirm).then()
        given(Trip(), .ordered(cents: 900), .cancelled).when(.cancel).then()
    }

    @Test func `a cancellation that overtakes its order refuses it when it comes`() {
        given(Trip()).when(.cancel).then(.cancelled)
        given(Trip(), .cancelled).when(.order(cents: 900)).then(throws: .cancelled)
        given(Trip()).when(.confirm).then(throws: .unknown)
    }
}
