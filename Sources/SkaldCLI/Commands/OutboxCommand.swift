import ArgumentParser

/// `skald outbox`
struct OutboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox", abstract: "Messages on their way to sinks.",
        subcommands: [
            OutboxListCommand.self, OutboxParkedCommand.self, OutboxReplayCommand.self, OutboxForgetCommand.self,
        ])
}
