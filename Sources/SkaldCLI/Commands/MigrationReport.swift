import Migrations
import PostgresEventStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Every migration that the program knows or the database has recorded, in order.
struct MigrationReport: Sendable {
    struct Entry: Sendable {
        let number: Int
        let file: String
        let isKnown: Bool
        let record: RecordedMigration?

        var state: String {
            record == nil ? "pending" : isKnown ? "applied" : "unknown"
        }
    }

    let status: MigrationStatus
    let entries: [Entry]

    init(_ status: MigrationStatus) {
        self.status = status
        let records = Dictionary(status.recorded.map { ($0.number, $0) }) { first, _ in first }
        let known = status.known.map { migration in
            Entry(number: migration.number, file: migration.fileName, isKnown: true, record: records[migration.number])
        }
        let strangers = status.recorded.filter { record in !status.known.contains { $0.number == record.number } }
        let unknown = strangers.map { record in
            let file = Migration(number: record.number, name: record.name, sql: "").fileName
            return Entry(number: record.number, file: file, isKnown: false, record: record)
        }
        entries = (known + unknown).sorted { $0.number < $1.number }
    }

    /// Whether a service of this version would start with the schema.
    var problem: MigrationError? {
        do {
            try status.requireCurrent()
            return nil
        } catch {
            return error
        }
    }

    var json: OutputJSON {
        [
            "schema": .string(status.schema), "current": .bool(problem == nil),
            "problem": .optional(problem) { .string($0.message) },
            "migrations": .array(
                entries.map { entry in
                    [
                        "number": .integer(Int64(entry.number)), "file": .string(entry.file),
                        "state": .string(entry.state),
                        "appliedAt": .optional(entry.record?.appliedAt, Moment.json),
                        "appliedBy": .optional(entry.record?.appliedBy) { .string($0) },
                        "byHand": .bool(entry.record.map { $0.checksum == nil } ?? false),
                    ]
                }),
        ]
    }

    func lines(_ style: OutputStyle) -> [String] {
        var table = Table([.init("MIGRATION"), .init("STATE"), .init("APPLIED"), .init("BY", minimum: 8)])
        for entry in entries {
            let emphasis: Emphasis = entry.record == nil ? .warning : entry.isKnown ? .none : .bad
            let hand = entry.record.map { $0.checksum == nil ? ", by hand" : "" } ?? ""
            table.append([
                .init(entry.file), .init(entry.state, emphasis),
                .init(entry.record.map { Moment.text($0.appliedAt) } ?? "-"),
                .init(entry.record.map { $0.appliedBy + hand } ?? "-"),
            ])
        }
        let verdict =
            problem.map { "\($0.message). \($0.hint)" } ?? "schema \(status.schema) is what this program needs"
        return table.lines(style) + [""] + (style.width.map { verdict.wrapped(to: $0) } ?? [verdict])
    }
}
