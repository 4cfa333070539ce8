import ArgumentParser
import EventSourcing
import Postgres
import PostgresEventStore

/// `skald stream cat`
struct StreamCatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat", abstract: "Shows the events of a stream.",
        discussion: "On a terminal, data that is too long for the width is cut; --json has all of it.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The stream.")
    var stream: String

    @Option(
        help: ArgumentHelp("Begin with this version. Default: the first, or backwards the last.", valueName: "version"))
    var from: Int64?

    @Flag(help: "The newest first.")
    var backwards = false

    @Option(help: ArgumentHelp("At most so many events.", valueName: "count"))
    var limit: Int = 1000

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 10000.") }
        guard from ?? 0 >= 0 else { throw ValidationError("--from is a version: 0 or more.") }
    }

    func run() async throws {
        let page = try await Store.with(connection) { store in
            let id = try StreamID(validating: stream)
            let page = try await store.events().readPage(
                of: id, from: from.map { StreamVersion($0) }, backwards ? .backwards : .forwards, limit: limit)
            if page.events.isEmpty { try await requireStream(in: store) }
            return page
        }
        let next = page.isLast ? nil : page.events.last.map { $0.version.rawValue + (backwards ? -1 : 1) }
        let following = next.flatMap { $0 < 0 ? nil : $0 }
        let json: OutputJSON = [
            "stream": .string(stream), "events": .array(page.events.map { EventLine(event: $0).json }),
            "next": .optional(following) { .integer($0) },
        ]
        output.show(json) { lines(page.events, $0) }
        if let following {
            output.remark("There may be more: go on with --from \(following)\(backwards ? " --backwards" : "").")
        }
    }

    private func lines(_ events: [RecordedEvent], _ style: OutputStyle) -> [String] {
        guard !events.isEmpty else { return ["no events from version \(from ?? 0) on"] }
        var table = Table([
            .init("VERSION", .right), .init("POSITION", .right), .init("RECORDED"), .init("TYPE", minimum: 12),
            .init("DATA", minimum: 12),
        ])
        for event in events {
            table.append([
                .init("\(event.version)"), .init("\(event.position)"), .init(Moment.text(event.recordedAt)),
                .init(event.type), .init(EventLine(event: event).data),
            ])
        }
        return table.lines(style)
    }

    /// A stream that exists and has nothing at or after `from` is empty; one that does not exist is a mistake.
    private func requireStream(in store: Store) async throws {
        let found = try await store.query(
            "select name from \(store.name).stream_list where tenant = \(store.tenant) and name = \(stream)")
        guard found.isEmpty else { return }
        let category = stream.prefix { $0 != "-" }
        throw CommandFailure(
            .notFound, "there is no stream '\(stream)'\(store.tenant.isEmpty ? "" : " of tenant '\(store.tenant)'")",
            next: "see 'skald stream ls --prefix \(category)'")
    }
}
