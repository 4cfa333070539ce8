import Skald
import SkaldTesting
import Testing

// docs: a test with a database
@Suite(.testDatabase(.skald)) struct SeatTests {
    @Test func `an append is read back`() async throws {
        try await TestDatabase.current.withStore { store in
            try await store.append([SeatEvent.held(by: "Ann")], to: "seat-A1", expecting: .noStream)
            #expect(try await store.load(Seat(), on: "A1").state == "Ann")
        }
    }
}
// docs: end
