import SkaldTesting
import Testing

/// Hot statements keep good plans, whatever the tables looked like when they were planned. A plan that was made on an empty
/// table, and searches a tenant's streams or the log from a position on, costs a factor that grows with the table.
///
/// The server's own `auto_explain` says which plans ran inside the functions. A big table is played by its statistics.
@Suite struct HotStatementTests {
    enum Tables: String, CaseIterable {
        case empty
        /// Planned while empty, in a session that then sees 20,000 events come.
        case growing
        /// Statistics of ten million rows on each page.
        case huge
    }

    @Test(arguments: Tables.allCases)
    func `every lookup of a hot statement is by a whole key`(tables: Tables) async throws {
        try await withTestDatabase(.skald) { database in
            let earlier =
                switch tables {
                case .empty: "select skald.begin_session();"
                case .growing: Self.calls + "\n" + Self.twentyThousandEvents
                case .huge: Self.calls
                }
            let huge = tables == .huge ? "events_p|streams" : nil
            let plans = try await Plans.of(Self.calls, after: earlier, huge: huge, in: database)
            #expect(plans.lookups(of: "streams").count >= 6)
            #expect(plans.lookups(of: "events_p000001").count >= 5)
            for lookup in Self.costly(plans) { Issue.record("\(lookup)") }
        }
    }

    @Test(arguments: ["append_one", "append_group", "replayed", "read_stream", "read_all", "is_more"])
    func `a lookup that reads a whole table is found out`(function: String) async throws {
        try await withTestDatabase(.skald) { database in
            try await Plans.spoil([function], in: database)
            let plans = try await Plans.of(Self.calls, after: Self.calls, in: database)
            #expect(!Self.costly(plans).isEmpty)
        }
    }

    /// Lookups whose cost grows with the table.
    private static func costly(_ plans: Plans) -> [String] {
        let streams = plans.lookups(of: "streams").filter { lookup in
            !lookup.text.contains("Tid Scan") && !lookup.isByWholeKey(["tenant = ", "name = "])
        }
        let events = plans.lookups(of: "events_p").filter { lookup in
            let isByStream = lookup.isByWholeKey(["tenant = ", "origin = ", "version "])
            let isByPosition = lookup.isByWholeKey(["tenant = ", "\"position\" > ", "\"position\" <= "])
            return !(isByStream || isByPosition)
                || isByPosition != lookup.statement.contains("order by e.position")
        }
        return (streams + events).map(\.text)
    }

    /// Every hot function, so that each of its statements runs: new and existing streams, one and several, with lookups of
    /// append ids.
    private static let calls: String = {
        func group(_ expected: String, on streams: String = "'a-1','a-2'", isIDGiven: Bool = true) -> String {
            """
            select * from skald.append_group('', array[\(streams)], array[\(expected)]::bigint[],
                array[gen_random_uuid(),gen_random_uuid()], array[\(isIDGiven),\(isIDGiven)], array[1,2], array['t','t'],
                array['1','2']::jsonb[], array[null,null]::jsonb[], array[null,null]::text[],
                array[gen_random_uuid(),gen_random_uuid()]);
            """
        }
        let one = """
            select * from skald.append_one('', 'a-3', -2, gen_random_uuid(), true, array['t'], array['1']::jsonb[],
                array[null]::jsonb[], array[null]::text[], array[gen_random_uuid()], null, 0);
            """
        let begin = "select skald.begin_stream('', 'c-1', gen_random_uuid(), gen_random_uuid(), 't', '1', null, null);"
        return [
            begin, begin, group("-2,-2"), group("-2,-2"), group("-2,-2", isIDGiven: false), one, one,
            group("-1,-1", on: "'b-1','b-2'", isIDGiven: false), group("-1,-1", on: "'b-2','b-3'", isIDGiven: false),
            "select * from skald.is_more(1, 0, '');",
            "select count(*) from skald.read_stream('a-1'); select count(*) from skald.read_stream('a-1', null, 5, true);",
            "select count(*) from skald.read_all(1, 5); select count(*) from skald.read_all_in_generation(1, 0, 5, '');",
        ].joined(separator: "\n")
    }()

    private static let twentyThousandEvents = """
        select count(*) from generate_series(1, 10000) as n,
            lateral skald.append('grow-' || n, -2, '[{"type":"t","data":1},{"type":"t","data":2}]');
        """
}
