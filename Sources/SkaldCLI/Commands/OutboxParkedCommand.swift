import ArgumentParser
import Postgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `skald outbox parked`
struct OutboxParkedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parked", abstract: "Lists the keys of which a sink refused a message.",
        discussion: """
            A parked key waits for 'skald outbox replay'; with --retrying, keys that are still tried are listed too. \
            Later messages of such a key wait behind the refused one; other keys are not held up. WAITING is counted up to \
            1,000: "1000+" means at least so many.
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var owner: TenantFilter
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Only this sink's.", valueName: "name"))
    var sink: String?

    @Flag(help: "Keys that are still tried, too.")
    var retrying = false

    func run() async throws {
        let keys = try await Store.with(database) {
            try await BlockedKeys(reading: $0, sink: sink, tenant: owner.name, retrying: retrying)
        }
        output.show(keys.json) { keys.lines($0) }
    }
}

/// Keys whose next message a sink refused.
struct BlockedKeys: Sendable {
    struct Key: Sendable {
        let sink: String
        let tenant: String
        let topic: String
        let key: String
        let state: String
        let keyVersion: Int64
        let messageID: UUID
        let attempts: Int32
        let reason: String
        let nextTry: Date
        let blockedAt: Date
        let waiting: CountedUp
    }

    private(set) var keys: [Key] = []

    /// - Parameter tenant: nil: of every tenant.
    init(reading store: Store, sink: String?, tenant: String?, retrying: Bool) async throws {
        let rows = try await store.query(
            """
            select sink_name, tenant, topic, key, state, key_version, message_id, attempts, reason, next_try, blocked_at,
                   waiting
              from \(store.name).outbox_parked(\(sink), \(retrying))
             where \(tenant)::text is null or tenant = \(tenant)
            """)
        for row in rows {
            keys.append(
                Key(
                    sink: try row.decode("sink_name"), tenant: try row.decode("tenant"), topic: try row.decode("topic"),
                    key: try row.decode("key"), state: try row.decode("state"),
                    keyVersion: try row.decode("key_version"),
                    messageID: try row.decode("message_id"), attempts: try row.decode("attempts"),
                    reason: try row.decode("reason"), nextTry: try row.decode("next_try"),
                    blockedAt: try row.decode("blocked_at"), waiting: CountedUp(try row.decode("waiting"))))
        }
    }

    var json: OutputJSON {
        [
            "keys": .array(
                keys.map { key in
                    [
                        "sink": .string(key.sink), "tenant": .string(key.tenant), "topic": .string(key.topic),
                        "key": .string(key.key), "state": .string(key.state), "keyVersion": .integer(key.keyVersion),
                        "messageID": .string(key.messageID.uuidString.lowercased()),
                        "attempts": .integer(Int64(key.attempts)), "reason": .string(key.reason),
                        "nextTry": key.state == "parked" ? .null : Moment.json(key.nextTry),
                        "blockedAt": Moment.json(key.blockedAt), "waiting": .integer(key.waiting.count),
                        "waitingIsExact": .bool(key.waiting.isExact),
                    ]
                })
        ]
    }

    func lines(_ style: OutputStyle) -> [String] {
        guard !keys.isEmpty else { return ["nothing is parked"] }
        let tenants = TenantColumn(keys.map(\.tenant))
        var table = Table(
            [.init("SINK")] + tenants.title + [
                .init("TOPIC"), .init("KEY"), .init("VERSION", .right), .init("STATE"), .init("TRIES", .right),
                .init("WAITING", .right), .init("REASON", minimum: 14),
            ])
        for key in keys {
            table.append(
                [.init(key.sink)] + tenants.cell(key.tenant) + [
                    .init(key.topic), .init(key.key), .init("\(key.keyVersion)"),
                    .init(key.state, OutboxMessages.emphasis(of: key.state)), .init("\(key.attempts)"),
                    .init("\(key.waiting)"), .init(key.reason),
                ])
        }
        return table.lines(style)
    }
}
