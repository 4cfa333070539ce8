import ArgumentParser
import Postgres

/// `skald outbox replay`
struct OutboxReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Lets refused keys be tried again at once, each in order from its refused message on.",
        discussion: """
            Name the key, or a whole topic, or --all of the sink's parked and retrying keys; what is more than one key asks \
            for --yes. A topic and --all mean those of every tenant unless --tenant or SKALD_TENANT names one; a named key \
            is one tenant's, the empty one's if none is named. Nothing is sent from here: the relay takes it up with its \
            next look.
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var owner: TenantFilter
    @OptionGroup var output: OutputOptions
    @OptionGroup var operation: OperatorOptions

    @Option(help: ArgumentHelp("The sink.", valueName: "name"))
    var sink: String

    @Option(help: ArgumentHelp("Only keys of this topic.", valueName: "name"))
    var topic: String?

    @Option(help: ArgumentHelp("Only this key; give its topic too.", valueName: "key"))
    var key: String?

    @Flag(help: "All of the sink's keys that are parked or retrying.")
    var all = false

    @Flag(help: "Do it without asking, though it concerns more than one key.")
    var yes = false

    func validate() throws {
        guard key == nil || topic != nil else {
            throw ValidationError("A key is one of a topic: give --topic with --key.")
        }
        guard all != (topic != nil) else {
            throw ValidationError("Say what to replay: --topic (with --key for one key), or --all.")
        }
    }

    func run() async throws {
        let replayed = try await Store.with(database) { try await replay(in: $0) }
        let json: OutputJSON = [
            "sink": .string(sink), "tenant": .optional(tenant) { .string($0) },
            "topic": .optional(topic) { .string($0) }, "key": .optional(key) { .string($0) },
            "keys": .integer(Int64(replayed)), "actor": .string(operation.actorName),
            "reason": .string(operation.reason),
        ]
        output.show(json) { _ in [replayed == 1 ? "1 key will be tried again" : "\(replayed) keys will be tried again"]
        }
    }

    /// Whose keys are meant; nil: every tenant's.
    private var tenant: String? { owner.name ?? (key == nil ? nil : "") }

    private func replay(in store: Store) async throws -> Int32 {
        let blocked = try await BlockedKeys(reading: store, sink: sink, tenant: tenant, retrying: true)
        let concerned = blocked.keys.filter { (topic == nil || $0.topic == topic) && (key == nil || $0.key == key) }
        guard !concerned.isEmpty else {
            throw CommandFailure(
                .notFound, "no key of sink '\(sink)' that fits is parked or retrying",
                next: "see 'skald outbox parked --sink \(sink) --retrying\(owner.flag)'")
        }
        guard concerned.count == 1 || yes else {
            throw CommandFailure(
                .refused, "this would replay \(concerned.count) keys",
                why: "with \(concerned.reduce(CountedUp(0)) { $0 + $1.waiting }) messages in all",
                next: "see 'skald outbox parked --sink \(sink) --retrying\(owner.flag)', then say --yes")
        }
        let (actor, reason) = (operation.actorName, operation.reason)
        return try await store.client.withTransaction(maximumAttempts: 3) { transaction in
            let rows = try await transaction.query(
                "select \(store.name).outbox_replay(\(sink), \(actor), \(reason), \(topic), \(key), \(tenant))")
            return try rows.one().decode(Int32.self)
        }
    }
}
