import EmbeddedPostgres
import EventSourcing
import PostgresEventStore
import SkaldTesting
import Testing

/// ES2, ES10: an append that has committed while its answer did not come is never called failed, and its id tells.
@Suite struct UnknownOutcomeTests {
    @Test(.timeLimit(.minutes(3)))
    func `ES2, ES10: an append whose commit outlasts its time is unknown, and made again it is told what happened`()
        async throws
    {
        // A server of one's own: its commits are durable here, and then wait for a standby that never answers.
        try await EmbeddedPostgres.with { server in
            try await withTestDatabase(.skald, on: server) { database in
                var configuration = PostgresEventStore.Configuration()
                configuration.appendTimeout = .seconds(2)
                configuration.statementTimeout = .seconds(1)
                try await database.withStore(configuration: configuration) { store in
                    try await store.appendOne(to: "before-1")
                    try await database.psql(
                        "alter system set synchronous_standby_names = 'nobody'; select pg_reload_conf()")
                    var number = 0
                    var unknown = (stream: "", id: AppendID())
                    var error: EventStoreError?
                    try await eventually("a commit waits for the standby") {
                        number += 1
                        unknown = ("unknown-\(number)", AppendID())
                        do {
                            try await store.appendOne(to: unknown.stream, expecting: .noStream, id: unknown.id)
                        } catch let failure as EventStoreError {
                            error = failure
                        }
                        return error != nil
                    }
                    #expect(error?.outcome == .unknown, "\(String(reflecting: error))")
                    #expect(error?.appendID == unknown.id, "it is what the caller needs to find out")

                    try await database.psql("alter system reset synchronous_standby_names; select pg_reload_conf()")
                    try await eventually("it is there after all") {
                        try await database.count(
                            "select count(*) from skald.events where stream = '\(unknown.stream)'") == 1
                    }
                    let again = try await store.appendOne(to: unknown.stream, expecting: .noStream, id: unknown.id)
                    #expect(again.wasReplayed && again.lastVersion == 0)
                    #expect(
                        try await database.count(
                            "select count(*) from skald.events where stream = '\(unknown.stream)'") == 1)
                }
            }
        }
    }
}
