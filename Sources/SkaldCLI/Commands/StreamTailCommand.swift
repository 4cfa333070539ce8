import ArgumentParser
import EventSourcing
import Postgres
import PostgresEventStore

/// `skald stream tail`
struct StreamTailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Follows the log, or one stream, as events are appended.",
        discussion: """
            It shows events that come after it was started, until it is interrupted. --after begins earlier: 'start' for \
            everything, or the cursor g<generation>-<position> of an event. With --json every event is a line of its own.
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "Only this stream.")
    var stream: String?

    @Option(help: ArgumentHelp("Only streams of this category.", valueName: "name"))
    var category: String?

    @Option(help: ArgumentHelp("Only events of this type.", valueName: "type"))
    var type: String?

    @Option(help: ArgumentHelp("Begin after this cursor, or at 'start'. Default: now.", valueName: "cursor"))
    var after: String?

    @Option(help: ArgumentHelp("End after so many events.", valueName: "count"))
    var limit: Int?

    func validate() throws {
        guard stream == nil || category == nil else {
            throw ValidationError("A stream is of one category: give the stream or --category, not both.")
        }
        guard limit ?? 1 > 0 else { throw ValidationError("--limit must be 1 or more.") }
    }

    func run() async throws {
        try await Store.with(connection) { store in
            if let stream { _ = try StreamID(validating: stream) }
            let events = store.events(pollEvery: .milliseconds(200))
            var shown = 0
            for try await event in events.follow(after: try await cursor(in: events)) where isWanted(event) {
                let line = EventLine(event: event)
                Terminal.write((output.json ? line.json.text : line.text(Terminal.style)) + "\n")
                shown += 1
                if shown == limit { return }
            }
        }
    }

    private func cursor(in events: some EventStore) async throws -> LogCursor {
        switch after {
        case "start": return .start
        case let text?: return try LogCursor(parsing: text)
        case nil:
            let state = try await events.logState()
            return LogCursor(generation: state.generation, position: state.watermark)
        }
    }

    private func isWanted(_ event: RecordedEvent) -> Bool {
        let name = "\(event.stream)"
        if let stream, stream != name { return false }
        if let category, category != name.prefix(while: { $0 != "-" }) { return false }
        return type == nil || type == event.type
    }
}
