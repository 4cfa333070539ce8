import Postgres
import SkaldTesting
import Testing

/// Making and attaching a partition holds up nobody, and nobody holds it up.
@Suite struct PartitionLockTests {
    /// Whoever would wait for a lock fails instead, after a time that no loaded machine needs without waiting.
    private static let impatient = "set lock_timeout = '15s';\n"

    private static func append(_ count: Int, to stream: String) -> String {
        """
        select last_version from skald.append('\(stream)', -2,
            (select jsonb_agg(jsonb_build_object('type', 't', 'data', n)) from generate_series(1, \(count)) as n));

        """
    }

    private static func run(_ script: String, in transaction: PostgresTransaction) async throws -> Int64 {
        try await transaction.query(SQL(unescaped: script))[0][0].decode(Int64.self)
    }

    @Test func `open readers and writers neither hold up a new partition nor wait for it`() async throws {
        try await withTestDatabase(.narrowLog) { database in
            try await database.psql(Self.append(5, to: "seat-1"), as: .writer)
            let readAll = "select count(*) from skald.read_all()"
            try await database.withClient(as: .reader) { readers in
                try await database.withClient { writers in
                    try await readers.withTransaction { reader in
                        try await reader.execute("set local lock_timeout = '15s'")
                        #expect(try await Self.run(readAll, in: reader) == 5)
                        try await writers.withTransaction { writer in
                            try await writer.execute("set local lock_timeout = '15s'")
                            #expect(try await Self.run(Self.append(1, to: "open-1"), in: writer) == 0)
                            // Another makes new partitions and commits, while both transactions are open.
                            let before = try await database.count("select count(*) from skald.partitions")
                            try await database.psql(Self.impatient + Self.append(60, to: "seat-2"), as: .writer)
                            #expect(try await database.count("select count(*) from skald.partitions") == before + 6)
                            // Both go on, with partitions that are younger than their transactions.
                            #expect(try await Self.run(Self.append(2, to: "open-1"), in: writer) == 2)
                            #expect(try await Self.run(readAll, in: reader) == 5, "an open append holds the rest back")
                        }
                        #expect(try await Self.run(readAll, in: reader) == 68)
                        let seat = "select count(*) from skald.read_stream('seat-2')"
                        #expect(try await Self.run(seat, in: reader) == 60)
                        try await database.psql(Self.append(30, to: "seat-2"), as: .writer)
                        #expect(try await Self.run(seat, in: reader) == 90)
                    }
                }
            }
            #expect(try await database.partitionsInUse() == 10)
        }
    }

    @Test func `while a transaction that made a partition stays open, others append and read; out of room they wait`()
        async throws
    {
        try await withTestDatabase(.narrowLog) { database in
            try await database.psql(Self.append(5, to: "seat-1"), as: .writer)
            try await database.withClient { writers in
                try await withThrowingTaskGroup(of: String.self) { late in
                    try await writers.withTransaction { maker in
                        let count = "select count(*) from skald.partitions"
                        let before = try await Self.run(count, in: maker)
                        #expect(try await Self.run(Self.append(6, to: "maker-1"), in: maker) == 5)
                        #expect(try await Self.run(count, in: maker) == before + 1, "it made one")
                        for number in 0..<9 {
                            try await database.psql(Self.impatient + Self.append(2, to: "other-\(number)"), as: .writer)
                        }
                        try await database.psql(Self.impatient + "select count(*) from skald.read_all()", as: .reader)
                        // Position 30 is the first without a partition that others can see.
                        late.addTask { try await database.psql(Self.append(5, to: "late-1"), as: .writer) }
                        try await eventually("an append waits for room") { try await database.someoneWaits() }
                    }
                    #expect(try await late.next() == "4")
                }
            }
            #expect(try await database.roomAhead() >= 20)
        }
    }

    /// By the width of the old partitions there is little room for long, and by the new one plenty.
    @Test func `a narrower width makes no append wait for another`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.psql(
                """
                update skald.partition_widths set width = 10 where log = 'events';
                select setval('skald.events_position', max(upper_bound) - 100) from skald.partitions where log = 'events';
                """)
            try await database.psql(Self.append(1, to: "first-1"), as: .writer)
            try await database.withClient { client in
                try await client.withTransaction { transaction in
                    _ = try await Self.run(Self.append(1, to: "open-1"), in: transaction)
                    try await database.psql(Self.impatient + Self.append(1, to: "other-1"), as: .writer)
                }
            }
        }
    }
}
