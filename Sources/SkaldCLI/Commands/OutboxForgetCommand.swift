import ArgumentParser
import Postgres

/// `skald outbox forget`
struct OutboxForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Forgets a sink that is not used any more, with what it has not been sent.",
        discussion: """
            As long as a sink is known, messages are kept for it, whether or not a relay runs: nothing is purged that it has \
            not taken. Stop its relays first, and say --yes. A relay that is started under the name later begins anew.
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var operation: OperatorOptions

    @Option(help: ArgumentHelp("The sink.", valueName: "name"))
    var sink: String

    @Flag(help: "Yes, what has not been sent to it need not be.")
    var yes = false

    func run() async throws {
        let (actor, reason) = (operation.actorName, operation.reason)
        let keys = try await Store.with(connection) { store in
            let lanes = try await store.client.query(
                "select pending from \(store.name).outbox_status(\(sink))"
            ).decode(Int64.self)
            guard !lanes.isEmpty else {
                throw CommandFailure(.notFound, "there is no sink '\(sink)'", next: "see 'skald outbox ls'")
            }
            guard yes else {
                throw CommandFailure(
                    .refused, "what sink '\(sink)' has not been sent would not be sent any more",
                    why: "that is \(lanes.reduce(0, +)) messages or more",
                    next: "see 'skald outbox ls --sink \(sink)', then say --yes")
            }
            return try await store.client.query(
                "select \(store.name).outbox_unregister(\(sink), \(actor), \(reason))"
            ).one()[0].decode(Int32.self)
        }
        let json: OutputJSON = [
            "sink": .string(sink), "blockedKeys": .integer(Int64(keys)), "actor": .string(actor),
            "reason": .string(reason),
        ]
        output.show(json) { _ in ["forgotten; of its keys \(keys) had been blocked"] }
    }
}
