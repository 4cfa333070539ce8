import EventSourcing
import Foundation
import PostgresEventStore
import SkaldTesting
import Testing

/// ES10: what is recognised as a repetition, and how far back.
@Suite(.testDatabase(.skald)) struct RepetitionTests {
    /// Of this test case alone: all of them append to one database.
    private let id = UUID().uuidString.lowercased()

    private func append(_ count: Int, to stream: String, id: String? = nil) -> String {
        """
        select last_version from skald.append('\(stream)', -2,
            (select jsonb_agg('{"type":"t","data":1}'::jsonb) from generate_series(1, \(count))),
            \(id.map { "'\($0)'" } ?? "null"));
        """
    }

    @Test(arguments: [(1, 999), (1, 1_000), (10, 995), (1_500, 0)])
    func `an append without expectation is recognised while its end is among the last 1,000 events`(
        _ count: Int, _ later: Int
    ) async throws {
        let database = try TestDatabase.current
        let stream = "near-\(count)-\(later)"
        let first = try await database.psql(append(count, to: stream, id: id), as: .writer)
        // Of those after it the last is the 1,000th: it stands at the window's edge.
        if later > 0 { try await database.psql(append(min(later, 999), to: stream), as: .writer) }
        let again = try await database.psql(append(count, to: stream, id: id), as: .writer)
        #expect(again == first)
        try await database.expectSoundLog()
    }

    @Test func `further back it is an append like any other, as the documentation says`() async throws {
        try await withTestDatabase(.skald, log: .unsound("an append id names two appends")) { database in
            try await database.psql(append(1, to: "far-1", id: id), as: .writer)
            try await database.psql(append(1_000, to: "far-1"), as: .writer)
            #expect(try await database.psql(append(1, to: "far-1", id: id), as: .writer) == "1001")
        }
    }

    @Test func `a repetition on a stream that was closed meanwhile gives the first result, a new append SK004`()
        async throws
    {
        let database = try TestDatabase.current
        let first = try await database.psql(append(2, to: "closed-1", id: id), as: .writer)
        try await database.psql("update skald.streams set closed_at = now() where name = 'closed-1'")
        #expect(try await database.psql(append(2, to: "closed-1", id: id), as: .writer) == first)
        let refusal = await #expect(throws: (any Error).self) {
            try await database.psql("\\set VERBOSITY verbose\n" + append(1, to: "closed-1"), as: .writer)
        }
        #expect("\(String(describing: refusal))".contains("SK004"))
    }

    /// The first attempt of a call whose answer was lost may still be on its way when its retry has been done.
    @Test func `an attempt that comes late finds what its own retry has done`() async throws {
        let database = try TestDatabase.current
        let known = try await database.psql(
            append(1, to: "late-1") + "select head from skald.log_status();", as: .writer
        ).split(separator: "\n").last.map(String.init)
        let attempt = """
            select status, first_version from skald.append_one('', 'late-1', -2, '\(id)', false, array['t'],
                array['1']::jsonb[], array[null]::jsonb[], array[null]::text[], array[gen_random_uuid()], array[false], 0,
                \(try #require(known)));
            """
        #expect(try await database.psql(attempt, as: .writer) == "0|1")
        #expect(try await database.psql(attempt, as: .writer) == "1|1")
        let group = """
            select status, first_version from skald.append_group('', array['late-1'], array[-2], array['\(id)']::uuid[],
                array[false], array[1], array['t'], array['1']::jsonb[], array[null]::jsonb[], array[null]::text[],
                array[gen_random_uuid()], array[false], \(try #require(known)));
            """
        #expect(try await database.psql(group, as: .writer) == "1|1")
        try await database.expectSoundLog()
    }

    private func attempt(_ stream: String, isLookedUp: Bool, known: Int) -> String {
        """
        select status from skald.append_one('', '\(stream)', -2, '\(id)', \(isLookedUp), array['t'],
            array['1']::jsonb[], array[null]::jsonb[], array[null]::text[], array[gen_random_uuid()], array[false], 0,
            \(known));
        """
    }

    /// A crash takes positions back that were drawn and not flushed. What a client knew of the log's end is then too high.
    @Test(arguments: [true, false])
    func `ES10: an attempt that knows a higher end than the log has finds what its own retry has done`(
        _ inGroup: Bool
    ) async throws {
        let database = try TestDatabase.current
        let stream = "rewound-\(inGroup)"
        try await database.psql(append(1, to: stream), as: .writer)
        #expect(try await database.psql(attempt(stream, isLookedUp: true, known: 0), as: .writer) == "0")
        let late =
            inGroup
            ? """
            select status from skald.append_group('', array['\(stream)'], array[-2], array['\(id)']::uuid[],
                array[false], array[1], array['t'], array['1']::jsonb[], array[null]::jsonb[], array[null]::text[],
                array[gen_random_uuid()], array[false], 1000000000);
            """ : attempt(stream, isLookedUp: false, known: 1_000_000_000)
        #expect(try await database.psql(late, as: .writer) == "1")
        try await database.expectSoundLog()
    }

    @Test func `ES10: what was appended since an append was first sent is recognised however much came after it`()
        async throws
    {
        let database = try TestDatabase.current
        let known = try await database.psql(
            append(1, to: "resent-1") + "select head from skald.log_status();", as: .writer
        ).split(separator: "\n").last.flatMap { Int($0) }
        let first = try #require(known)
        #expect(try await database.psql(attempt("resent-1", isLookedUp: false, known: first), as: .writer) == "0")
        try await database.psql(append(1_500, to: "resent-1"), as: .writer)
        #expect(try await database.psql(attempt("resent-1", isLookedUp: true, known: first), as: .writer) == "1")
    }

    @Test func `a stream that another is just creating is busy, and the rest of the group goes on at once`()
        async throws
    {
        let database = try TestDatabase.current
        try await database.withStore { store in
            try await store.transaction { transaction in
                try await transaction.append(
                    [NewEvent(type: "t", json: "1")], to: "made-2", expecting: .noStream)
                let group = """
                    select member, status from skald.append_group('', array['made-1','made-2','made-3'], array[-1,-1,-1],
                        array[gen_random_uuid(),gen_random_uuid(),gen_random_uuid()], array[false,false,false],
                        array[1,2,3], array['t','t','t'], array['1','1','1']::jsonb[], array[null,null,null]::jsonb[],
                        array[null,null,null]::text[], array[gen_random_uuid(),gen_random_uuid(),gen_random_uuid()],
                        array[false,false,false]);
                    """
                #expect(try await database.psql(group, as: .writer) == "1|0\n2|4\n3|0")
            }
        }
        try await database.expectSoundLog()
    }
}
