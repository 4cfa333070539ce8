import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// SK008: a position sequence that stands below the last event would give positions twice, so nothing is appended.
@Suite struct SequenceTests {
    /// Sets the sequence back behind the log's back, and has the log looked over again, as after a start of the server.
    private static let setBack =
        "select setval('skald.events_position', 2); delete from skald.server_starts;"

    @Test func `SQL refuses to append with SK008, and goes on when the owner has done what the hint says`() async throws
    {
        try await withTestDatabase(.skald) { database in
            let append = #"select first_version from skald.append('seat-1', -2, '[{"type":"t","data":1}]');"#
            for _ in 0..<5 { try await database.psql(append, as: .writer) }
            try await database.psql(Self.setBack)
            let error = await #expect(throws: PostgresError.self) {
                try await database.withClient { _ = try await $0.query(SQL(unescaped: append)) }
            }
            #expect(error?.sqlState == "SK008")
            let hint = try #require(error?.hint)
            let repair = try #require(hint.firstMatch(of: /select setval\(.*\);/))
            #expect(try await database.count("select count(*) from skald.events") == 5)
            try await database.psql("set role skald_owner; \(repair.output)")
            #expect(try await database.psql(append, as: .writer) == "5")
        }
    }

    @Test func `the store says what is wrong and what to do, alone, in a group and in a transaction`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.withStore { store in
                for _ in 0..<5 { try await store.appendOne(to: "seat-1") }
            }
            try await database.psql(Self.setBack)
            try await database.withStore { store in
                let errors = await withTaskGroup(of: EventStoreError?.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            await #expect(throws: EventStoreError.self) {
                                try await store.appendOne(to: "seat-\(number)")
                            }
                        }
                    }
                    group.addTask {
                        await #expect(throws: EventStoreError.self) {
                            try await store.transaction { transaction in
                                try await transaction.append(
                                    [NewEvent(type: "t", json: "1")], to: "seat-99", expecting: .any)
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                for error in errors {
                    #expect(error?.code == .unavailable && error?.outcome != .unknown)
                    let text = error?.message ?? ""
                    #expect(text.contains("stands at 2") && text.contains("select setval("), "\(text)")
                }
            }
            #expect(try await database.count("select count(*) from skald.events") == 5)
        }
    }
}
