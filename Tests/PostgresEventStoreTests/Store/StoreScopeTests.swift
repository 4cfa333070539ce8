import EmbeddedPostgres
import EventSourcing
import PostgresEventStore
import SkaldTesting
import Testing

/// `PostgresEventStore.with`: a store that is there for a scope, and gone with it.
@Suite struct StoreScopeTests {
    private struct Abandoned: Error {}

    private static let event: [NewEvent] = (try? [NewEvent(type: "seat.held", json: "{}")]) ?? []

    @Test func `a database without the schema is refused, and with migrating it is brought there`() async throws {
        try await withTestDatabase { database in
            // Who may migrate, and no superuser.
            try await database.psql(
                """
                create role scope_deployer login createrole;
                grant create on database \(database.name) to scope_deployer;
                """)
            let url = database.server.connectionString(database: database.name, user: "scope_deployer")
            var scoped = PostgresEventStore.Configuration()
            scoped.schema = try SchemaName("scoped")
            let configuration = scoped
            let refusal = await #expect(throws: MigrationError.self) {
                try await PostgresEventStore.with(
                    connectionString: url, configuration: configuration, logger: .silent
                ) { _ in
                    Issue.record("the body ran on a database that has no store")
                }
            }
            #expect(refusal?.code == .notMigrated)
            for expected in [ExpectedVersion.noStream, .version(0)] {  // the second time there is nothing to apply
                try await PostgresEventStore.with(
                    connectionString: url, configuration: configuration, migrating: true, logger: .silent
                ) { store in
                    try await store.append(Self.event, to: "seat-A1", expecting: expected)
                }
            }
        }
    }

    @Test func `what the body throws comes out, what it returns too, and afterwards the store serves nobody`()
        async throws
    {
        try await withTestDatabase(.skald) { database in
            let url = database.connectionString(.writer)
            await #expect(throws: Abandoned.self) {
                try await PostgresEventStore.with(connectionString: url, logger: .silent) { _ in throw Abandoned() }
            }
            let store = try await PostgresEventStore.with(connectionString: url, logger: .silent) { store in
                try await store.append(Self.event, to: "seat-A1", expecting: .noStream)
                return store
            }
            let error = await #expect(throws: EventStoreError.self) {
                try await store.append(Self.event, to: "seat-A1", expecting: .version(0))
            }
            #expect(error?.code == .notRunning)
        }
    }
}
