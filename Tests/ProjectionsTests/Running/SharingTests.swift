import EventSourcing
import PostgresEventStore
import Projections
import SkaldTesting
import Testing

/// Workers in several processes share the projections, and hand them on.
@Suite struct SharingTests {
    @Test func `PR2, X2: two workers share the projections, and no event counts twice`() async throws {
        try await ProjectionFixture.with { fixture in
            try await fixture.running(
                fixture.worker(Ledger(), SeatMap()), fixture.worker(Ledger(), SeatMap())
            ) {
                try await eventually("each of the two has one projection") {
                    try await fixture.count(
                        "select count(distinct owner) from skald.lease_status where remaining > '0'") == 2
                }
                var last = GlobalPosition.start
                for number in 0..<20 { last = try await fixture.appendSeats(20, streams: 20, booking: "\(number)") }
                try await fixture.store.projections.wait(for: Ledger.self, reaching: last, timeout: .seconds(20))
                #expect(try await fixture.ledgerIsExact())
            }
        }
    }

    @Test
    func `PR7: the projections of two tenants are run side by side, also by workers that know of one tenant each`()
        async throws
    {
        try await ProjectionFixture.with { fixture in
            func withStore(of tenant: String, _ body: (PostgresEventStore) async throws -> Void) async throws {
                var configuration = ProjectionFixture.configuration
                configuration.tenant = tenant
                try await fixture.database.withStore(configuration: configuration, body)
            }
            try await withStore(of: "a") { a in
                try await withStore(of: "b") { b in
                    try await fixture.running(
                        fixture.worker(Ledger(), store: a), fixture.worker(Ledger(), store: b)
                    ) {
                        for store in [a, b] {
                            let position = try await store.append(
                                [SeatEvent.held(booking: "x")], to: StreamID("seat", "1"), expecting: .any
                            ).lastPosition
                            try await store.projections.wait(
                                for: Ledger.self, reaching: position, timeout: .seconds(20))
                        }
                    }
                }
            }
            #expect(try await fixture.count("select count(*) from ledger") == 2)
        }
    }

    @Test func `X4: a worker that shuts down hands its projections on at once, not when its lease ends`() async throws {
        try await ProjectionFixture.with { fixture in
            var configuration = ProjectionFixture.quick
            configuration.leases = .init(duration: .seconds(600))
            configuration.leases.interval = .seconds(2)
            let first = try await fixture.appendSeats(20)
            try await fixture.running(fixture.worker(Ledger(), configuration: configuration)) {
                try await fixture.store.projections.wait(for: Ledger.self, reaching: first, timeout: .seconds(20))
            }
            #expect(try await fixture.count("select count(*) from skald.lease_status where owner is not null") == 0)
            let second = try await fixture.appendSeats(20)
            try await fixture.running(fixture.worker(Ledger(), configuration: configuration)) {
                try await fixture.store.projections.wait(for: Ledger.self, reaching: second, timeout: .seconds(20))
            }
            #expect(try await fixture.ledgerIsExact())
            #expect(try await fixture.count("select epoch from skald.leases") == 2)
        }
    }

    @Test func `two projections of one name and version are refused`() async throws {
        try await ProjectionFixture.with { fixture in
            let error = #expect(throws: ProjectionError.self) { try fixture.worker(Ledger(), Ledger()) }
            #expect(error?.code == .invalidDefinition)
        }
    }
}
