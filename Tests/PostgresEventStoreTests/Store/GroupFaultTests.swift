import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// What goes wrong for one member of a group goes wrong for it alone, and success is what has committed (ES1, ES2).
@Suite struct GroupFaultTests {
    /// Appends one event to each of a hundred streams at once; every tenth is of the type "seat.doomed".
    private static func appendAll(_ store: PostgresEventStore) async -> [(isDoomed: Bool, error: EventStoreError?)] {
        await withTaskGroup(of: (Bool, EventStoreError?).self) { group in
            for number in 0..<100 {
                group.addTask {
                    let isDoomed = number % 10 == 0
                    do {
                        try await store.appendOne(to: "group-\(number)", type: isDoomed ? "seat.doomed" : "seat.held")
                        return (isDoomed, nil)
                    } catch {
                        return (isDoomed, error as? EventStoreError)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private static func failingAtCommit(_ condition: String) -> String {
        """
        create function fail() returns trigger language plpgsql as $$ begin raise exception 'refused at commit'; end $$;
        create constraint trigger fail after insert on skald.events_p000001 deferrable initially deferred
            for each row when (\(condition)) execute function fail();
        """
    }

    @Test(
        arguments: [
            "alter table skald.events add constraint refused check (type <> 'seat.doomed')",
            failingAtCommit("new.type = 'seat.doomed'"),
        ])
    func `a member that the database refuses, at once or at commit, fails alone`(_ refusal: String) async throws {
        try await withTestDatabase(.skald) { database in
            try await database.psql(refusal)
            try await database.withStore { store in
                for outcome in await Self.appendAll(store) {
                    #expect((outcome.error != nil) == outcome.isDoomed, "\(String(reflecting: outcome.error))")
                    if let error = outcome.error { #expect(error.outcome == .failed || error.code == .unavailable) }
                }
            }
            #expect(try await database.count("select count(*) from skald.events") == 90)
            #expect(try await database.count("select count(*) from skald.events where type = 'seat.doomed'") == 0)
            #expect(
                try await database.count("select count(distinct xmin::text) from skald.events") < 90,
                "some went together")
        }
    }

    @Test func `ES1: nothing is reported as appended when the commit fails`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.psql(Self.failingAtCommit("true"))
            try await database.withStore { store in
                for outcome in await Self.appendAll(store) {
                    #expect(outcome.error != nil)
                    #expect(outcome.error?.code != .outcomeUnknown, "the server said what became of it")
                }
                await #expect(throws: PostgresError.self) {
                    try await store.transaction { transaction in
                        try await transaction.append(
                            [NewEvent(type: "seat.held", json: "{}")], to: "group-tx", expecting: .any)
                    }
                }
            }
            #expect(try await database.count("select count(*) from skald.events") == 0)
            #expect(try await database.count("select count(*) from skald.streams") == 0)
        }
    }
}
