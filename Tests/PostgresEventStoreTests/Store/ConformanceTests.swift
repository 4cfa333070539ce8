import PostgresEventStore
import SkaldTesting
import Testing

/// The PostgreSQL store keeps what every store promises (ES1 to ES8, ES10), as the in-memory store does.
@Suite(.testDatabase(.skald)) struct ConformanceTests {
    @Test(arguments: EventStoreConformance.allCases)
    func `the store on PostgreSQL keeps what every store promises`(_ promise: EventStoreConformance) async throws {
        let database = try TestDatabase.current
        try await database.withStore { try await promise.check($0) }
        try await database.expectSoundLog()
    }
}
