import EmbeddedPostgres
import Foundation
import SkaldTesting

/// The plans that a database's sessions wrote to the server's log.
///
/// The server's own `auto_explain` says which plans ran inside the functions.
struct Plans {
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
            } else if line.contains("Index Cond: "), let last = all.indices.last,
                !all[last].lookup.text.contains("Index Cond: ")
            {
                all[last].lookup.text += " " + line.trimmingCharacters(in: .whitespaces)
            } else {
                statement += line
            }
        }
    }

    func lookups(of table: String) -> [Lookup] {
        all.filter { $0.table.hasPrefix(table) && !$0.table.hasSuffix("_position") }.map(\.lookup)
    }
}

extension Plans {
    /// Runs scripts in one session as the writer, and has the plans of the last one written down: only a superuser may have
    /// that done.
    ///
    /// - Parameter huge: tables (a pattern) that get the statistics of ten million rows on each page in between. What was
    ///   planned before is planned again then.
    static func of(
        _ script: String, after earlier: String, huge: String? = nil, in database: TestDatabase
    ) async throws -> Plans {
        let writer = "set session authorization \(database.user(.writer));"
        let pretend = huge.map { tables in
            """
            update pg_class set relpages = 1, reltuples = 1e7
             where relnamespace = 'skald'::regnamespace and relkind in ('r', 'i') and relname ~ '^(\(tables))';
            """
        }
        try await database.psql(
            """
            load 'auto_explain';
            \(writer)
            \(earlier)
            reset session authorization;
            \(pretend ?? "")
            set auto_explain.log_min_duration = 0;
            set auto_explain.log_nested_statements = on;
            \(writer)
            \(script)
            """)
        return try Plans(log: database.server.logFile, database: database.name)
    }

    /// Makes the planner read whole tables in these functions, as it would without what they say of plans.
    static func spoil(_ functions: [String], in database: TestDatabase) async throws {
        let names = functions.map { "'\($0)'" }.joined(separator: ", ")
        try await database.psql(
            """
            select format('alter function %s set enable_seqscan = on set enable_indexscan = off '
                          'set enable_indexonlyscan = off set enable_bitmapscan = off set enable_tidscan = off',
                          oid::regprocedure)
              from pg_proc where pronamespace = 'skald'::regnamespace and proname in (\(names)) \\gexec
            """)
    }
}
