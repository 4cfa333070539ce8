import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// The watermark that is stored for standbys rises with the log, stays below open appends, and never goes back.
@Suite struct StoredWatermarkTests {
    @Test func `it rises when what held it back has ended, and never falls`() async throws {
        try await withTestDatabase(.skald) { database in
            let stored = "select position from skald.watermarks where log = 'events'"
            let store = "select skald.store_watermark();"
            func append(_ stream: String) -> SQL {
                SQL(unescaped: #"select skald.append('\#(stream)', -2, '[{"type":"t","data":1}]')"#)
            }
            try await database.withClient { client in
                try await client.query(append("seat-1"))
                #expect(try await database.psql(store, as: .writer) == "1")
                #expect(try await database.count(stored) == 1)
                try await client.withTransaction { open in
                    try await open.query(append("seat-2"))
                    try await client.query(append("seat-3"))
                    #expect(try await database.psql(store, as: .writer) == "1")
                    #expect(try await database.count(stored) == 1, "seat-2 may still come")
                }
                #expect(try await database.psql(store, as: .writer) == "3")
                #expect(try await database.count(stored) == 3)
                // Whoever computed it earlier and stores it later.
                try await database.psql("update skald.watermarks set position = 9 where log = 'events'")
                try await database.psql(store, as: .writer)
                #expect(try await database.count(stored) == 9)
            }
        }
    }

    @Test func `a running store stores it now and then`() async throws {
        try await withTestDatabase(.skald) { database in
            var configuration = PostgresEventStore.Configuration()
            configuration.statusInterval = .milliseconds(20)
            try await database.withStore(configuration: configuration) { store in
                let last = try await store.appendOne(to: "seat-1").lastPosition
                try await eventually("the watermark is stored") {
                    try await database.count("select coalesce(max(position), 0) from skald.watermarks") == last.rawValue
                }
            }
        }
    }
}
