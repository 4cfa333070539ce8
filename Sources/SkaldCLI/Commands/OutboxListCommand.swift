import ArgumentParser
import Postgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `skald outbox ls`
struct OutboxListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists the sinks and how they stand; with --sink, the messages of one.",
        discussion: """
            A message is sent, pending, retrying (it or an earlier one of its key was refused, and is tried again), or \
            parked (given up; 'skald outbox replay' tries it again). A sink's own numbers are those of all tenants together; \
            PENDING is counted up to 1,000 per bucket and per refused key, so "1000+" means at least so many.
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var owner: TenantFilter
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("The messages of this sink.", valueName: "name"))
    var sink: String?

    @Option(help: ArgumentHelp("Only messages in this state.", valueName: "state"))
    var state: MessageState?

    @Option(help: ArgumentHelp("Only messages after this position: where the last list ended.", valueName: "position"))
    var after: Int64 = 0

    @Option(help: ArgumentHelp("At most so many.", valueName: "count"))
    var limit: Int = 100

    enum MessageState: String, ExpressibleByArgument, CaseIterable {
        case sent, pending, retrying, parked
    }

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 10000.") }
        guard sink != nil || (state == nil && after == 0 && owner.tenant == nil) else {
            throw ValidationError(
                "--state, --tenant and --after choose among the messages of a sink; give --sink too.")
        }
    }

    func run() async throws {
        guard let sink else {
            let sinks = try await Store.with(database) { try await OutboxSinks(reading: $0) }
            return output.show(sinks.json) { sinks.lines($0) }
        }
        let listing = try await Store.with(database) { store in
            try await OutboxMessages(
                reading: store, sink: sink, state: state?.rawValue, tenant: owner.name, after: after, limit: limit)
        }
        output.show(listing.json) { listing.lines($0) }
        if let next = listing.next { output.remark("There are more: go on with --after \(next).") }
    }
}

/// Every sink, its lanes taken together.
struct OutboxSinks: Sendable {
    struct Sink: Sendable {
        let name: String
        let lanes: Int64
        let owned: Int64
        let owners: Int64
        let pending: CountedUp
        let oldest: Double?
        let retrying: Int64
        let parked: Int64
    }

    var sinks: [Sink] = []

    init(reading store: Store) async throws {
        let rows = try await store.query(
            """
            select sink, count(*), count(*) filter (where lease_remaining > '0'), sum(pending)::bigint,
                   count(distinct owner) filter (where lease_remaining > '0'),
                   extract(epoch from clock_timestamp() - min(oldest))::float8, sum(retrying)::bigint, sum(parked)::bigint,
                   bool_or(pending >= \(CountedUp.limit))
              from \(store.name).outbox_status() group by sink order by sink
            """)
        for row in rows {
            let (name, lanes, owned, pending, owners, oldest, retrying, parked, isCut) = try row.decode(
                String.self, Int64.self, Int64.self, Int64.self, Int64.self, Double?.self, Int64.self, Int64.self,
                Bool.self)
            sinks.append(
                Sink(
                    name: name, lanes: lanes, owned: owned, owners: owners,
                    pending: CountedUp(pending, isExact: !isCut), oldest: oldest, retrying: retrying, parked: parked))
        }
    }

    var json: OutputJSON {
        [
            "sinks": .array(
                sinks.map { sink in
                    [
                        "sink": .string(sink.name), "lanes": .integer(sink.lanes), "lanesOwned": .integer(sink.owned),
                        "relays": .integer(sink.owners), "pending": .integer(sink.pending.count),
                        "pendingIsExact": .bool(sink.pending.isExact),
                        "oldestSeconds": .optional(sink.oldest) { .raw("\(($0 * 1000).rounded() / 1000)") },
                        "retryingKeys": .integer(sink.retrying), "parkedKeys": .integer(sink.parked),
                    ]
                })
        ]
    }

    func lines(_ style: OutputStyle) -> [String] {
        guard !sinks.isEmpty else { return ["no sinks: a relay registers one when it first starts"] }
        var table = Table([
            .init("SINK"), .init("LANES", .right), .init("OWNED", .right), .init("RELAYS", .right),
            .init("PENDING", .right),
            .init("OLDEST", .right), .init("RETRYING", .right), .init("PARKED", .right),
        ])
        for sink in sinks {
            table.append([
                .init(sink.name), .init("\(sink.lanes)"),
                .init("\(sink.owned)", sink.owned < sink.lanes ? .warning : .none), .init("\(sink.owners)"),
                .init("\(sink.pending)"), .init(sink.oldest.map { Moment.age($0) } ?? "-"),
                .init("\(sink.retrying)", sink.retrying > 0 ? .warning : .none),
                .init("\(sink.parked)", sink.parked > 0 ? .bad : .none),
            ])
        }
        return table.lines(style)
    }
}
