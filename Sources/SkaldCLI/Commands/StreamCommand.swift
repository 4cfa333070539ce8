import ArgumentParser

/// `skald stream`
struct StreamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream", abstract: "Streams and their events.",
        subcommands: [StreamListCommand.self, StreamCatCommand.self, StreamTailCommand.self])
}
