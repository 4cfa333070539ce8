import EventSourcing
import Postgres
import PostgresEventStore
import Projections
import SkaldTesting
import Testing

/// Waiting for a projection to have applied what a command wrote.
@Suite struct ReadYourWritesTests {
    @Test func `after the wait the projection shows what was written`() async throws {
        try await ProjectionFixture.with { fixture in
            try await fixture.running(fixture.worker(SeatMap())) {
                for number in 0..<20 {
                    let written = try await fixture.store.append(
                        [SeatEvent.held(booking: "b\(number)")], to: StreamID("seat", "\(number)"), expecting: .noStream
                    )
                    try await fixture.store.projections.wait(
                        for: SeatMap.self, reaching: written.lastPosition, timeout: .seconds(20))
                    let rows = try await fixture.store.client.query(
                        "select booking from seat_map where seat = \("\(number)")")
                    #expect(try rows.one()[0].decode(String.self) == "b\(number)")
                }
            }
        }
    }

    @Test func `a wait that takes too long says how far the projection is`() async throws {
        try await ProjectionFixture.with { fixture in
            let first = try await fixture.appendSeats(3)
            try await fixture.running(fixture.worker(Ledger())) {
                try await fixture.store.projections.wait(for: Ledger.self, reaching: first, timeout: .seconds(20))
            }
            let second = try await fixture.appendSeats(3)
            let error = await #expect(throws: ProjectionError.self) {
                try await fixture.store.projections.wait(for: Ledger.self, reaching: second, timeout: .milliseconds(50))
            }
            #expect(error?.code == .timedOut)
            #expect(error?.position == first)
            #expect(error?.message.contains("ledger") == true)
            let neverRun = await #expect(throws: ProjectionError.self) {
                try await fixture.store.projections.wait(for: SeatMap.self, reaching: second, timeout: .zero)
            }
            #expect(neverRun?.position == .start)
        }
    }

    @Test func `the status is measured against the log`() async throws {
        try await ProjectionFixture.with { fixture in
            let first = try await fixture.appendSeats(3)
            try await fixture.running(fixture.worker(Ledger())) {
                try await fixture.store.projections.wait(for: Ledger.self, reaching: first, timeout: .seconds(20))
            }
            let current = try #require(try await fixture.store.projections.all().first)
            #expect(current.name == "ledger" && current.version == 1 && current.position == first)
            #expect(current.behind == 0 && current.lag == .zero && current.failure == nil)
            let second = try await fixture.appendSeats(3)
            let behind = try #require(try await fixture.store.projections.all().first)
            #expect(behind.behind == second.rawValue - first.rawValue)
            #expect(behind.lag > .zero)
        }
    }
}
