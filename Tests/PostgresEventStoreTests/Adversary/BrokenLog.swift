import Migrations
import SkaldTesting
import Testing

/// `0001_log.sql` with one step left out or moved. Every window is held open for some milliseconds, in the sound copy as
/// well: a mistake is then found in seconds, and the sound one shows that it needs no luck.
enum BrokenLog: String, CaseIterable, CustomTestStringConvertible {
    case sound
    case noMarker
    case markerAfterTheDraw
    case lastValueAfterTheDraw
    case markersBeforeTheLastValue
    case oneSnapshot

    var testDescription: String { rawValue }

    /// A database with this log.
    func template() throws -> TestTemplate {
        let scripts = try Migration.all.map { migration in
            try migration.number == 1 ? edited(widened(migration.sql)) : migration.sql
        }
        return TestTemplate("log_\(rawValue.lowercased())") { database in
            for script in scripts { try await database.psql("begin;\n\(script)\ncommit;\n") }
        }
    }

    private static let readLast =
        "select case when is_called then s.last_value else 0 end into v_last from events_position as s;"
    private static let mark = "perform mark(events_log_number(), v_last);"
    private static let draw = "select array_agg(nextval('events_position')) into v_positions"
    private static let pause = "perform pg_sleep(random() * 0.004);"
    /// Where the mistake is: while it lasts, others come and go.
    private static let longPause = "perform pg_sleep(random() * 0.03);"

    private func edited(_ sql: String) throws -> String {
        switch self {
        case .sound: sql
        case .noMarker: try replace(Self.mark, with: "", in: sql, times: 2)
        case .markerAfterTheDraw: try behindTheDraw([Self.mark], in: sql)
        case .lastValueAfterTheDraw: try behindTheDraw([Self.readLast, Self.mark], in: sql)
        case .markersBeforeTheLastValue:
            try replace(
                "return least(v_last, v_floor);",
                with:
                    "\(Self.longPause) v_last := coalesce(pg_sequence_last_value(p_sequence), 0); return least(v_last, v_floor);",
                in: sql, times: 1)
        case .oneSnapshot:
            try replace(
                "language plpgsql volatile security definer rows 1000",
                with: "language plpgsql stable security definer rows 1000",
                in: sql, times: 2)
        }
    }

    private func widened(_ sql: String) throws -> String {
        var text = try replace(Self.mark, with: "\(Self.pause) \(Self.mark) \(Self.pause)", in: sql, times: 2)
        text = try replace(
            "if v_total > 0 then", with: "if v_total > 0 then \(Self.pause)", in: text, times: 1)
        text = try replace(
            "v_last := coalesce(pg_sequence_last_value(p_sequence), 0);",
            with: "v_last := coalesce(pg_sequence_last_value(p_sequence), 0); \(Self.pause)", in: text, times: 1)
        return try replace(
            "v_watermark constant bigint := log_watermark('events', events_log_number(), 'events_position');\nbegin",
            with:
                "v_watermark constant bigint := log_watermark('events', events_log_number(), 'events_position');\nbegin \(Self.pause)",
            in: text, times: 1)
    }

    /// Takes statements out and puts them, with a pause before, behind each draw.
    private func behindTheDraw(_ statements: [String], in sql: String) throws -> String {
        let text = try statements.reduce(sql) { try replace($1, with: "", in: $0, times: 2) }
        var result = ""
        var parts = text.components(after: Self.draw)[...]
        try #require(parts.count == 3, "0001_log.sql draws elsewhere now: change BrokenLog.swift too")
        result += parts.removeFirst()
        for part in parts {
            guard let end = part.firstIndex(of: ";") else { continue }
            let moved = statements.joined(separator: " ")
            result += Self.draw + part[...end] + " \(Self.longPause) \(moved)" + part[part.index(after: end)...]
        }
        return result
    }

    private func replace(_ old: String, with new: String, in sql: String, times: Int) throws -> String {
        let found = sql.ranges(of: old).count
        try #require(found == times, "0001_log.sql has \"\(old)\" \(found) times: change BrokenLog.swift too")
        return sql.replacing(old, with: new)
    }
}

extension String {
    fileprivate func components(after separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
