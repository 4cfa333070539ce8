import Logging
import Skald
import SkaldTesting
import Testing

@Suite(.testDatabase(.skald)) struct ProjectionExamples {
    // docs: projection test
    @Test func `a held seat is on the map`() {
        let seats = Table("seat_map")
        given(SeatMap(), on: "A1", .held(by: "Ann"))
            .thenStatements("insert into \(seats) (seat, guest) values (\("A1"), \("Ann"))")
    }
    // docs: end

    @Test func `a read model shows one's own writes after a wait`() async throws {
        let database = try TestDatabase.current
        let logger = Logger.silent
        try await database.psql(
            "create table seat_map (seat text, guest text); grant select, insert, delete on seat_map to skald_writer")
        try await database.withStore { store in
            // docs: projection worker
            let worker = try ProjectionWorker(store, running: [SeatMap()], logger: logger)
            // docs: end
            try await running(worker) {
                // docs: read your writes
                let held = try await store.execute(.hold(by: "Ann"), by: Seat(), on: "A1")
                if let position = held.position {
                    try await store.projections.wait(for: SeatMap.self, reaching: position)
                }
                // docs: end
                #expect(try await database.psql("select * from seat_map") == "A1|Ann")
            }
            // docs: projection status
            for projection in try await store.projections.all() {
                print(projection.name, "at", projection.position, "behind by", projection.lag)
                if let failure = projection.failure { print("stopped at", failure.position, failure.reason) }
            }
            // docs: end
            let status = try await store.projections.all()
            #expect(status.map(\.name) == ["seat-map"] && status.allSatisfy { $0.failure == nil })
        }
    }
}

// docs: projection
struct SeatMap: SQLProjection {
    static let name: ProjectionName = "seat-map"
    let seats = Table("seat_map")

    func project(_ seat: Recorded<SeatEvent>) -> [SQL] {
        switch seat.event {
        case .held(let guest):
            "insert into \(seats) (seat, guest) values (\(seat.stream.key), \(guest))"
        case .released:
            "delete from \(seats) where seat = \(seat.stream.key)"
        }
    }
}
// docs: end
