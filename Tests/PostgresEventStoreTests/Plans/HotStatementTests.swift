import EmbeddedPostgres
import Foundation
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
            if tables == .huge { try await database.psql(Self.statisticsOfManyRows) }
            let grow = tables == .growing ? "\(Self.calls)\n\(Self.twentyThousandEvents)" : ""
            try await database.psql(
                "select skald.begin_session(); load 'auto_explain';\n\(grow)\nset auto_explain.log_min_duration = 0; "
                    + "set auto_explain.log_nested_statements = on;\n\(Self.calls)")
            let plans = try Plans(log: database.server.logFile, database: database.name)
            #expect(plans.lookups(of: "streams").count >= 6)
            #expect(plans.lookups(of: "events_p000001").count >= 5)
            for lookup in plans.lookups(of: "streams") {
                let isByRow = lookup.text.contains("Tid Scan")
                #expect(isByRow || lookup.isByWholeKey(["tenant = ", "name = "]), "\(lookup.text)")
            }
            for lookup in plans.lookups(of: "events_p") {
                let isByStream = lookup.isByWholeKey(["tenant = ", "origin = ", "version "])
                let isByPosition = lookup.isByWholeKey(["tenant = ", "\"position\" > ", "\"position\" <= "])
                #expect(isByStream || isByPosition, "\(lookup.text)")
                #expect(isByPosition == lookup.statement.contains("order by e.position"), "\(lookup.text)")
            }
        }
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
        return [
            group("-2,-2"), group("-2,-2"), group("-2,-2", isIDGiven: false), one, one,
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

    private static let statisticsOfManyRows = """
        update pg_class set relpages = 1, reltuples = 1e7
         where oid in (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        where n.nspname = 'skald' and (c.relname ~ '^events_p' or c.relname ~ '^streams'));
        """
}

/// The plans that a database's sessions wrote to the server's log.
private struct Plans {
    struct Lookup {
        /// The statement it is part of.
        var statement: String
        /// The plan's line, and its condition.
        var text: String

        func isByWholeKey(_ parts: [String]) -> Bool {
            guard let condition = text.range(of: "Index Cond: ") else { return false }
            return parts.allSatisfy { text[condition.upperBound...].contains($0) }
        }
    }

    private var all: [(table: String, lookup: Lookup)] = []

    init(log: String, database: String) throws {
        var statement = ""
        var isOurs = false
        for line in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init) {
            if line.first?.isNumber == true {  // a new entry: "2026-… [pid] … user@database LOG: …"
                isOurs = line.contains("@\(database) ")
                statement = ""
            } else if !isOurs {
                continue
            } else if let match = line.firstMatch(
                of: /(Seq|Index|Bitmap Heap|Bitmap Index|Tid|Index Only) Scan.* on (\w+)/)
            {
                let text = line.trimmingCharacters(in: .whitespaces)
                all.append((String(match.2), Lookup(statement: statement, text: text)))
            } else if line.contains("Cond: "), !all.isEmpty {
                all[all.count - 1].lookup.text += " " + line.trimmingCharacters(in: .whitespaces)
            } else {
                statement += line
            }
        }
    }

    func lookups(of table: String) -> [Lookup] {
        all.filter { $0.table.hasPrefix(table) && !$0.lookup.text.contains("events_position") }.map(\.lookup)
    }
}
