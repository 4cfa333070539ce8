import EventSourcing
import Postgres
import PostgresEventStore
import Projections
import SkaldTesting
import Testing

/// Examples of what projections make of events, and that each `then` fails where it should.
@Suite struct GivenEventsTests {
    private let seats = Table("seat_map")

    @Test func `a held seat is on the map`() {
        given(SeatMap(), on: "A1", .held(booking: "b1"))
            .thenStatements("insert into \(seats) (seat, booking) values (\("A1"), \("b1"))")
    }

    @Test(.testDatabase(.skald)) func `a released seat is not on the map`() async throws {
        let database = try TestDatabase.current
        try await database.psql(
            "create table seat_map (seat text, booking text); grant all on seat_map to skald_writer")
        let example = given(SeatMap(), on: "A1", .held(booking: "b1")).and(on: "A2", SeatEvent.held(booking: "b2"))
        try await example.then(
            "select seat, booking from seat_map order by seat", gives: "A1|b1", "A2|b2", in: database)
        try await example.and(on: "A1", SeatEvent.released(booking: "b1"))
            .then("select seat, booking from seat_map order by seat", gives: "A2|b2", in: database)
        #expect(try await database.psql("select count(*) from seat_map") == "0", "examples leave nothing behind")
        await withKnownIssue("other rows") {
            try await example.then("select seat from seat_map", gives: "A3", in: database)
        }
    }

    @Test func `every wrong expectation is an issue`() {
        let example = given(SeatMap(), on: "A1", .held(booking: "b1"))
        withKnownIssue("no statements expected") { example.thenStatements() }
        withKnownIssue("another value") {
            example.thenStatements("insert into \(seats) (seat, booking) values (\("A1"), \("b2"))")
        }
        withKnownIssue("a refusal expected") { example.thenThrows() }
        withKnownIssue("a refusal") {
            given(Fragile(way: .swift), on: "A1", .held(booking: "poison")).thenStatements()
        }
        withKnownIssue("work is not a statement") {
            given(Revenue(), on: "A1", SeatEvent.held(booking: "b1")).thenStatements()
        }
        given(Fragile(way: .swift), on: "A1", .held(booking: "b"), .held(booking: "poison")).thenThrows()
    }
}
