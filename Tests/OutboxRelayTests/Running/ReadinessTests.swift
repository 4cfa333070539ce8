import PostgresEventStore
import SkaldTesting
import Testing

@testable import OutboxRelay

/// Which schema a running relay is ready with.
@Suite(.testDatabase(.skald), .serialized) struct ReadinessTests {
    private func problem() async throws -> String? {
        try await TestDatabase.current.withClient { client in
            let readiness = Readiness(
                client, migrator: try Migrator(client), schema: .standard, sink: "http", freshness: .zero)
            let check = try #require(await readiness.report().checks.first { $0.name == "schema" })
            return check.problem
        }
    }

    @Test func `a relay stays ready when the schema is migrated under it, and not with one that lacks what it needs`()
        async throws
    {
        let database = try TestDatabase.current
        #expect(try await problem() == nil)
        try await database.psql("insert into skald.migrations (number, name) values (9999, 'from_the_future')")
        #expect(try await problem() == nil)
        try await database.psql("delete from skald.migrations where number >= 6")
        #expect(try await problem()?.contains("this program needs") == true)
    }
}
