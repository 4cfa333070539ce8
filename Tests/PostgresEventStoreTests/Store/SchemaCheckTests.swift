import EmbeddedPostgres
import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// A program and a schema that do not fit each other are found out when the store starts, not when something is odd.
@Suite(.timeLimit(.minutes(1))) struct SchemaCheckTests {
    @Test(arguments: [
        ("delete from skald.migrations where number = (select max(number) from skald.migrations)", "schemaOlder"),
        ("insert into skald.migrations (number, name) values (9999, 'from_the_future')", "schemaNewer"),
    ])
    func `a store does not run on a schema that is older or newer than its program`(
        change: String, code: String
    )
        async throws
    {
        try await withTestDatabase(.skald) { database in
            try await database.psql(change)
            try await database.withClient { client in
                let store = PostgresEventStore(client, logger: .silent)
                await withTaskGroup { group in
                    group.addTask {
                        let error = await #expect(throws: MigrationError.self) { try await store.run() }
                        #expect(error?.code.description == code)
                    }
                    await store.ready()  // it does not wait for what will not come
                }
                let refused = await #expect(throws: EventStoreError.self) { try await store.appendOne(to: "seat-A1") }
                #expect(refused?.code == .notRunning)
            }
            #expect(try await database.count("select count(*) from skald.events") == 0)
        }
    }

    @Test func `a database that is away does not keep the store from serving, and is asked when it is back`()
        async throws
    {
        try await EmbeddedPostgres.with { server in
            try await withTestDatabase(.skald, on: server) { database in
                try await database.psql("insert into skald.migrations (number, name) values (9999, 'from_the_future')")
                try await server.kill()
                var configuration = PostgresEventStore.Configuration()
                configuration.statementTimeout = .milliseconds(100)
                let client = PostgresClient(.init(connectionString: database.connectionString()), logger: .silent)
                let store = PostgresEventStore(client, configuration: configuration, logger: .silent)
                await withTaskGroup { group in
                    group.addTask { try? await client.run() }
                    await withTaskGroup(of: Void.self) { running in
                        running.addTask {
                            let error = await #expect(throws: MigrationError.self) { try await store.run() }
                            #expect(error?.code == .schemaNewer)
                        }
                        await store.ready()
                        await #expect(throws: Never.self) { try await server.start() }
                    }
                    group.cancelAll()
                }
            }
        }
    }

    @Test func `a store that is asked to end before it began ends`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.withClient { client in
                let store = PostgresEventStore(client, logger: .silent)
                await withTaskGroup(of: Void.self) { group in
                    group.cancelAll()
                    group.addTask { try? await store.run() }
                }
                let refused = await #expect(throws: EventStoreError.self) { try await store.appendOne(to: "seat-A1") }
                #expect(refused?.code == .notRunning)
            }
        }
    }
}
