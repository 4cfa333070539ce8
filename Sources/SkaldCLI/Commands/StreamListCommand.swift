import ArgumentParser
import Postgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `skald stream ls`
struct StreamListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists streams by name.",
        discussion: "Streams that begin with $ are the framework's own; they are listed with --system.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Only streams whose name begins so, such as 'seat-'.", valueName: "text"))
    var prefix: String = ""

    @Option(help: ArgumentHelp("Only streams after this name: where the last list ended.", valueName: "name"))
    var after: String = ""

    @Option(help: ArgumentHelp("At most so many.", valueName: "count"))
    var limit: Int = 100

    @Flag(help: "The framework's own streams too.")
    var system = false

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 10000.") }
    }

    func run() async throws {
        let listing = try await Store.with(connection) { store in
            let rows = try await store.query(
                """
                select name, version, last_position, closed_at
                  from \(store.name).stream_list
                 where tenant = \(store.tenant) and name > \(after) and name >= \(prefix) and starts_with(name, \(prefix))
                   and (\(system) or left(name, 1) <> '$')
                 order by name limit \(limit + 1)
                """)
            return try StreamListing(rows: rows, limit: limit)
        }
        output.show(listing.json) { listing.lines($0) }
        if let next = listing.next { output.remark("There are more: go on with --after '\(next)'.") }
    }
}

/// Streams in the order of their names.
struct StreamListing: Sendable {
    struct Stream: Sendable {
        let name: String
        let version: Int64
        let lastPosition: Int64
        let closedAt: Date?
    }

    var streams: [Stream]
    /// The name to go on after, if there are more.
    var next: String?

    init(rows: Rows, limit: Int) throws(PostgresError) {
        streams = []
        for row in rows.prefix(limit) {
            let (name, version, position, closed) = try row.decode(String.self, Int64.self, Int64.self, Date?.self)
            streams.append(Stream(name: name, version: version, lastPosition: position, closedAt: closed))
        }
        next = rows.count > limit ? streams.last?.name : nil
    }

    var json: OutputJSON {
        [
            "streams": .array(
                streams.map { stream in
                    [
                        "stream": .string(stream.name), "version": .integer(stream.version),
                        "lastPosition": .integer(stream.lastPosition),
                        "closedAt": .optional(stream.closedAt, Moment.json),
                    ]
                }),
            "next": .optional(next) { .string($0) },
        ]
    }

    func lines(_ style: OutputStyle) -> [String] {
        guard !streams.isEmpty else { return ["no streams"] }
        var table = Table([.init("STREAM"), .init("VERSION", .right), .init("POSITION", .right), .init("STATE")])
        for stream in streams {
            table.append([
                .init(stream.name), .init(String(stream.version)), .init(String(stream.lastPosition)),
                stream.closedAt == nil ? "open" : .init("closed", .warning),
            ])
        }
        return table.lines(style)
    }
}
