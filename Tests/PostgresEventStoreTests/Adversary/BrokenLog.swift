import Migrations
import SkaldTesting
import Testing

/// `0001_log.sql` with one step left out or moved, and with gates at which a session can be held.
///
/// Only a session whose `application_name` is `gated` stops at a gate, and only while a test keeps it shut: a shared advisory
/// lock of the two-integer form, which no marker is.
enum BrokenLog: String, CaseIterable, CustomTestStringConvertible {
    case sound
    case noMarker
    case markerAfterTheDraw
    case lastValueAfterTheDraw
    case markersBeforeTheLastValue
    case oneSnapshot
    case noStreamLock

    var testDescription: String { rawValue }

    /// Where a session can be held.
    enum Gate: Int32, CaseIterable {
        /// A writer that has just drawn.
        case afterTheDraw = 1
        /// A writer that is about to insert: all else is done.
        case beforeTheInsert
        /// A reader that is about to compute the watermark.
        case beforeTheWatermark
        /// A reader between the two values that the watermark is made of.
        case insideTheWatermark

        static let space: Int32 = 77_007

        var sql: String {
            // Whoever stands at a gate has all the time it needs.
            "if current_setting('application_name') = 'gated' then perform set_config('lock_timeout', '0', true); "
                + "perform pg_advisory_xact_lock_shared(\(Self.space), \(rawValue)); end if;"
        }
    }

    /// A database with this log.
    func template() throws -> TestTemplate {
        let log = try #require(Migration.all.first)
        let script = try gated(edited(log.sql))
        return TestTemplate("log_\(rawValue.lowercased())") { database in
            try await database.psql("begin;\n\(script)\ncommit;\n")
        }
    }

    private static let readLast = "v_last := coalesce(pg_sequence_last_value('events_position'), 0);"
    private static let mark = "v_marker := mark(events_log_number(), v_last);"
    private static let draw = "nextval('events_position')"
    private static let last = "v_last := coalesce(pg_sequence_last_value(p_sequence), 0);"

    private func edited(_ sql: String) throws -> String {
        switch self {
        case .sound: sql
        case .noMarker: try replace(Self.mark, with: "", in: markedAlike(sql), times: 3)
        case .markerAfterTheDraw: try behindTheDraw([Self.mark], in: markedAlike(sql))
        case .lastValueAfterTheDraw: try behindTheDraw([Self.readLast, Self.mark], in: markedAlike(sql))
        case .markersBeforeTheLastValue:
            try replace(
                "return least(v_last, v_floor);", with: "\(Self.last) return least(v_last, v_floor);",
                in: replace(Self.last, with: "", in: sql, times: 1), times: 1)
        case .noStreamLock:
            try replace("p_stream for no key update;", with: "p_stream; perform pg_sleep(0.002);", in: sql, times: 1)
        case .oneSnapshot:
            try replace(
                "language plpgsql volatile security definer rows 1000",
                with: "language plpgsql stable security definer rows 1000", in: sql, times: 2)
        }
    }

    /// With the marker of `begin_stream`, which takes it without remembering it, taken like all others.
    private func markedAlike(_ sql: String) throws -> String {
        let once = "v_marked := pg_try_advisory_xact_lock_shared((events_log_number() << 48) | v_last);"
        let text = try replace(once, with: "v_marked := true; \(Self.mark)", in: sql, times: 1)
        return try replace("v_marked   boolean;", with: "v_marked boolean; v_marker bigint;", in: text, times: 1)
    }

    private func gated(_ sql: String) throws -> String {
        // Behind the draw comes the marker in some broken copies: the gate stands between.
        var text = try behindTheDraw([Gate.afterTheDraw.sql], in: sql, moving: false)
        text = try replace(
            "insert into events (", with: "\(Gate.beforeTheInsert.sql) insert into events (", in: text, times: 4)
        let require = "perform require_read_committed();\n    if pg_is_in_recovery()"
        text = try replace(
            require, with: require.replacing(";", with: "; \(Gate.beforeTheWatermark.sql)"), in: text, times: 1)
        let (first, second) =
            self == .markersBeforeTheLastValue ? (Gate.insideTheWatermark.sql, "") : ("", Gate.insideTheWatermark.sql)
        return try replace(Self.last, with: "\(first) \(Self.last) \(second)", in: text, times: 1)
    }

    /// Puts statements right behind each draw, and takes them away from where they were.
    private func behindTheDraw(_ statements: [String], in sql: String, moving: Bool = true) throws -> String {
        let text = moving ? try statements.reduce(sql) { try replace($1, with: "", in: $0, times: 3) } : sql
        var parts = text.split(separator: Self.draw, omittingEmptySubsequences: false)[...]
        try #require(parts.count == 5, "0001_log.sql draws elsewhere now: change BrokenLog.swift too")
        var result = String(parts.removeFirst())
        for part in parts {
            let end = try #require(part.firstIndex(of: ";"))
            result +=
                Self.draw + part[...end] + " \(statements.joined(separator: " "))" + part[part.index(after: end)...]
        }
        return result
    }

    private func replace(_ old: String, with new: String, in sql: String, times: Int) throws -> String {
        let found = sql.ranges(of: old).count
        try #require(found == times, "0001_log.sql has \"\(old)\" \(found) times: change BrokenLog.swift too")
        return sql.replacing(old, with: new)
    }
}
