import ArgumentParser
import Postgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `skald log`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "The log as a whole.", subcommands: [LogStatusCommand.self])
}

/// `skald log status`
struct LogStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows how far the log reaches, how far it is final, and who holds it back.",
        discussion: """
            Readers see the log up to its watermark. While an append is open, the watermark stays below it; the holder is \
            the session whose append began first. A generation is a stretch of the log within which no position was \
            given out twice.
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let status = try await Store.with(database) { try await LogStatus(reading: $0) }
        output.show(status.json) { status.lines($0) }
    }
}

/// The log's numbers and the session that holds the watermark back.
struct LogStatus: Sendable, Hashable {
    struct Holder: Sendable, Hashable {
        var pid: Int32?
        var application: String?
        var user: String?
        var since: Date?
        var age: Double?
        var state: String?
    }

    var head: Int64
    var watermark: Int64
    var generation: Int32?
    var holder: Holder?

    init(head: Int64, watermark: Int64, generation: Int32?, holder: Holder?) {
        self.head = head
        self.watermark = watermark
        self.generation = generation
        self.holder = holder
    }

    init(reading store: Store) async throws {
        let row = try await store.query(
            """
            select head, watermark, generation, holder_pid, holder_application, holder_user, holder_since, holder_state,
                   extract(epoch from clock_timestamp() - holder_since)::float8 as age
              from \(store.name).log_status()
            """
        ).one()
        head = try row.decode("head")
        watermark = try row.decode("watermark")
        generation = try row.decode("generation")
        guard let since = try row.decode("holder_since", as: Date?.self) else { return }
        holder = Holder(
            pid: try row.decode("holder_pid"), application: try row.decode("holder_application"),
            user: try row.decode("holder_user"), since: since, age: try row.decode("age"),
            state: try row.decode("holder_state"))
    }

    var json: OutputJSON {
        [
            "head": .integer(head), "watermark": .integer(watermark), "behind": .integer(head - watermark),
            "generation": .optional(generation) { .integer(Int64($0)) },
            "holder": .optional(holder) { holder in
                [
                    "pid": .optional(holder.pid) { .integer(Int64($0)) },
                    "application": .optional(holder.application) { .string($0) },
                    "user": .optional(holder.user) { .string($0) }, "since": .optional(holder.since, Moment.json),
                    "state": .optional(holder.state) { .string($0) },
                ]
            },
        ]
    }

    func lines(_ style: OutputStyle) -> [String] {
        var facts = Facts()
        facts.add("head", String(head))
        let behind = head - watermark
        facts.add("watermark", behind == 0 ? "\(watermark)" : "\(watermark), \(behind) behind the head")
        facts.add("generation", generation.map(String.init) ?? "none yet: nothing has been appended")
        if let holder {
            let who = holder.pid.map { "pid \($0)" } ?? "a prepared transaction"
            let more = [holder.application, holder.user.map { "as \($0)" }, holder.state].compactMap(\.self)
            facts.add("held by", ([who] + more.filter { !$0.isEmpty }).joined(separator: ", "), .warning)
            let age = holder.age.map { ", \(Moment.age($0)) ago" } ?? ""
            facts.add("since", holder.since.map { Moment.text($0) + age } ?? "unknown", .warning)
        }
        return facts.lines(style)
    }
}
