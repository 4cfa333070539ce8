import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// The log goes on over the bounds of its partitions, and two whole ones lie ahead of it (ES1, ES3, ES4, ES7, ES11).
@Suite struct PartitionTests {
    /// An append of `count` events through SQL.
    private static func append(_ count: Int, to stream: String) -> String {
        """
        select last_version from skald.append('\(stream)', -2,
            (select jsonb_agg(jsonb_build_object('type', 't', 'data', n)) from generate_series(1, \(count)) as n));

        """
    }

    private static func events(_ count: Int) throws -> [NewEvent] {
        try (0..<count).map { try NewEvent(type: "t", json: "\($0)") }
    }

    /// What ES4, ES7 and ES8 ask of a log: all of it, in order, by position and by stream.
    private static func expectWhole(_ database: TestDatabase, _ count: Int) async throws {
        let inOrder = try await database.psql(
            """
            select count(*), count(distinct position), bool_and(position > before), bool_and(version = follows)
              from (select position, version, lag(position, 1, 0::bigint) over (order by place) as before,
                           lag(version, 1, -1::bigint) over (partition by stream order by place) + 1 as follows
                      from skald.read_all(0, 100000) with ordinality as given
                          (position, stream, version, type, data, metadata, tags, id, recorded_at, place)) as e
            """, as: .reader)
        #expect(inOrder == "\(count)|\(count)|t|t")
    }

    @Test func `appends through SQL cross the bounds, and two partitions are ahead after each of them`() async throws {
        try await withTestDatabase(.narrowLog) { database in
            var total = 0
            for count in [1, 8, 1, 1, 9, 20, 10, 3, 7, 31, 2] {
                total += count
                try await database.psql(Self.append(count, to: "sql-\(count % 3)"), as: .writer)
                #expect(try await database.roomAhead() >= 20, "after \(total) events")
            }
            #expect(try await database.partitionsInUse() == total / 10 + 1)
            try await Self.expectWhole(database, total)
        }
    }

    @Test func `appends through the store cross the bounds, in groups, alone and in transactions`() async throws {
        try await withTestDatabase(.narrowLog) { database in
            try await database.withStore { store in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<12 {
                        group.addTask {
                            for round in 0..<10 {
                                try await store.append(
                                    Self.events(1 + round % 3), to: StreamID(validating: "s-\(task % 5)"),
                                    expecting: .any)
                            }
                        }
                    }
                    group.addTask {
                        for _ in 0..<10 {
                            try await store.transaction { transaction in
                                try await transaction.append(Self.events(4), to: "tx-1", expecting: .any)
                                try await transaction.append(Self.events(8), to: "tx-2", expecting: .any)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let total = 12 * (3 * 6 + 1) + 10 * 12
                try await Self.expectWhole(database, total)
                var read: [GlobalPosition] = []
                for try await event in store.readAll() { read.append(event.position) }
                #expect(read.count == total && read == read.sorted())
                // The last append may have left it to another that was just making room for less; the store looks after it.
                try await eventually("there is room ahead") { try await database.roomAhead() >= 20 }
            }
        }
    }

    @Test func `ES3: one append is wider than several partitions`() async throws {
        try await withTestDatabase(.narrowLog) { database in
            #expect(try await database.psql(Self.append(95, to: "wide-1"), as: .writer) == "94")
            try await database.withStore { store in
                let result = try await store.append(Self.events(133), to: "wide-2", expecting: .noStream)
                #expect(result.lastVersion == 132)
                let more = try await store.append(Self.events(48), to: "wide-1", expecting: .version(94))
                #expect(more.firstVersion == 95)
            }
            #expect(try await database.partitionsInUse() == 28)
            #expect(try await database.roomAhead() >= 20)
            try await Self.expectWhole(database, 276)
        }
    }

    @Test func `ES4: a stream is read over all its partitions, forwards, backwards and in pages`() async throws {
        try await withTestDatabase(.narrowLog) { database in
            try await database.withStore { store in
                for round in 0..<30 {
                    try await store.append(Self.events(2), to: "long-1", expecting: .any)
                    try await store.append(
                        Self.events(1), to: StreamID(validating: "between-\(round)"), expecting: .noStream)
                }
                for limit in [7, 10, 60, 1_000] {
                    for direction in [ReadDirection.forwards, .backwards] {
                        var versions: [Int64] = []
                        var from: StreamVersion?
                        while true {
                            let page = try await store.readPage(of: "long-1", from: from, direction, limit: limit)
                            versions += page.events.map(\.version.rawValue)
                            guard !page.isLast, let last = versions.last else { break }
                            if direction == .backwards, last == 0 { break }
                            from = StreamVersion(direction == .forwards ? last + 1 : last - 1)
                        }
                        #expect(versions == (direction == .forwards ? Array(0..<60) : (0..<60).reversed()))
                    }
                }
            }
            let middle = "select string_agg(version::text, ',') from skald.read_stream('long-1', 25, 4)"
            #expect(try await database.psql(middle, as: .reader) == "25,26,27,28")
            #expect(
                try await database.count("select count(distinct tableoid) from skald.events where stream = 'long-1'")
                    == 9)
        }
    }

    @Test(arguments: ["update skald.%I set type = 'x'", "delete from skald.%I", "truncate skald.%I"])
    func `ES11: a new partition is append-only too, even for the owner`(statement: String) async throws {
        try await withTestDatabase(.narrowLog) { database in
            try await database.psql(Self.append(35, to: "kept-1"), as: .writer)
            let name = try await database.psql("select max(tableoid::regclass::text) from skald.events")
            #expect(name == "skald.events_p000004")
            let script = statement.replacing("skald.%I", with: name)
            await #expect { try await database.psql(script) } throws: { "\($0)".contains("events are append-only") }
            try await Self.expectWhole(database, 35)
        }
    }

    /// An archive keeps a table outside of the log, or under another name, and takes its row out of the list.
    @Test func `a partition gets a name that is free, whatever became of the older ones`() async throws {
        try await withTestDatabase(.narrowLog) { database in
            try await database.psql(Self.append(5, to: "name-1"), as: .writer)
            try await database.psql(
                """
                begin;
                alter table skald.events detach partition skald.events_p000003;
                alter table skald.events detach partition skald.events_p000002;
                delete from skald.partitions where name in ('events_p000002', 'events_p000003');
                commit;
                """)
            try await database.psql(Self.append(30, to: "name-1"), as: .writer)
            try await database.psql("delete from skald.partitions where name = 'events_p000001'")
            try await database.psql(Self.append(30, to: "name-1"), as: .writer)
            let twice = "select count(*) - count(distinct name) from skald.partitions where log = 'events'"
            #expect(try await database.count(twice) == 0)
            try await Self.expectWhole(database, 65)
        }
    }

    @Test func `a transaction that cannot see another's new partitions fails with 40001, as promised`() async throws {
        try await withTestDatabase(.narrowLog) { database in
            try await database.psql(Self.append(1, to: "level-1"), as: .writer)
            let other = Self.append(15, to: "level-1")
            try await database.withClient { client in
                let error = await #expect(throws: PostgresError.self) {
                    try await client.withTransaction(isolation: .repeatableRead) { transaction in
                        try await transaction.query("select 1 from skald.stream_list")
                        try await database.psql(other, as: .writer)
                        let event = JSONB(Array(#"[{"type":"t","data":1}]"#.utf8))
                        try await transaction.query("select skald.append('level-2', -2, \(event))")
                    }
                }
                #expect(error?.sqlState == .serializationFailure, "\(String(reflecting: error))")
            }
            try await Self.expectWhole(database, 16)
        }
    }
}
