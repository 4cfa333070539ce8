import EventSourcing
import Foundation
import PostgresEventStore
import Projections
import SkaldTesting
import Testing

/// PR5, PR6: an event that cannot be applied stops its projection, visibly; it is never skipped, and nobody else waits.
@Suite struct PoisonTests {
    @Test(arguments: Fragile.Way.allCases)
    func `PR5: a poisoned event stops its projection there, and the others go on`(_ way: Fragile.Way) async throws {
        try await ProjectionFixture.with { fixture in
            try await fixture.appendSeats(30)
            let poison = try await fixture.appendSeats(1, booking: "poison")
            let last = try await fixture.appendSeats(30)
            let progress = fixture.store.projections
            try await fixture.running(fixture.worker(Fragile(way: way), Ledger())) {
                try await progress.wait(for: Ledger.self, reaching: last, timeout: .seconds(20))
                var failure: ProjectionStatus.Failure?
                try await eventually("the projection stops visibly, and is tried again") {
                    failure = try await progress.all().first { $0.name == "fragile" }?.failure
                    return failure.map { $0.attempts >= 2 } ?? false
                }
                #expect(failure?.position == poison)
                #expect(failure?.type == "seat.held")
                #expect(failure?.reason.isEmpty == false)
                #expect((failure?.firstAt ?? .distantFuture) < (failure?.lastAt ?? .distantPast))
                // All before it is applied, nothing behind it (PR6).
                let before = "select count(*) from skald.events where position < \(poison)"
                #expect(
                    try await fixture.count("select count(*) from fragile") == fixture.count(before))
                #expect(try await fixture.count("select max(position) from fragile") < Int(poison.rawValue))
                #expect(try await progress.position(of: Fragile.self) < poison)
                // Who waits for it is told at once.
                let error = await #expect(throws: ProjectionError.self) {
                    try await progress.wait(for: Fragile.self, reaching: last, timeout: .seconds(60))
                }
                #expect(error?.code == .stopped)
                #expect(error?.failedPosition == poison)
            }
        }
    }

    @Test func `PR5: once its cause is gone, the event is applied and the projection goes on`() async throws {
        try await ProjectionFixture.with { fixture in
            try await fixture.appendSeats(5)
            try await fixture.appendSeats(1, booking: "poison")
            let last = try await fixture.appendSeats(5)
            let progress = fixture.store.projections
            try await fixture.running(fixture.worker(Fragile(way: .statement))) {
                try await eventually("it has stopped") {
                    try await progress.all().contains { $0.failure != nil }
                }
                try await fixture.database.psql("alter table fragile drop constraint fragile_position_check")
                try await eventually("it goes on") { try await progress.position(of: Fragile.self) >= last }
                #expect(try await progress.all().first?.failure == nil)
                #expect(try await fixture.count("select count(*) from fragile") == 11)
            }
        }
    }

    @Test func `PR5: an event that cannot be decoded stops the projection`() async throws {
        try await ProjectionFixture.with { fixture in
            let stored = try NewEvent(type: "seat.unheard-of", json: "{}")
            let poison = try await fixture.store.append([stored], to: "seat-1", expecting: .any).lastPosition
            try await fixture.running(fixture.worker(Ledger())) {
                try await eventually("it has stopped") {
                    try await fixture.store.projections.all().first?.failure?.position == poison
                }
            }
        }
    }
}
