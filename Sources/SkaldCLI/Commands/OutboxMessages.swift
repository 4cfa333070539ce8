import Postgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The messages of a sink, in order, and how each stands.
struct OutboxMessages: Sendable {
    struct Message: Sendable {
        let position: Int64
        let state: String
        let id: UUID
        let tenant: String
        let topic: String
        let key: String
        let keyVersion: Int64
        let type: String
        let recordedAt: Date
    }

    let sink: String
    private(set) var messages: [Message] = []
    /// The position to go on after, if there may be more.
    private(set) var next: Int64?

    /// Reads on until so many messages in the wanted state, of the wanted tenant, are found, a page at a time.
    init(
        reading store: Store, sink: String, state: String?, tenant: String?, after: Int64, limit: Int
    ) async throws {
        self.sink = sink
        let known = try await store.query("select sink from \(store.name).outbox_status() group by sink order by sink")
        let names = try known.map { row throws(PostgresError) in try row.decode(String.self) }
        guard names.contains(sink) else {
            throw CommandFailure(
                .notFound, "there is no sink '\(sink)'",
                why: names.isEmpty ? "no relay has registered one yet" : "known are \(names.joined(separator: ", "))",
                next: "see 'skald outbox ls'")
        }
        var position = after
        while true {
            let page = try await Self.page(store, sink, after: position, limit: 1000)
            for message in page
            where (state == nil || message.state == state) && (tenant == nil || message.tenant == tenant) {
                guard messages.count < limit else {
                    next = messages.last?.position
                    return
                }
                messages.append(message)
            }
            guard page.count == 1000, let last = page.last else { return }
            position = last.position
        }
    }

    private static func page(
        _ store: Store, _ sink: String, after: Int64, limit: Int
    ) async throws(PostgresError) -> [Message] {
        let rows = try await store.query(
            """
            select position, state, id, tenant, topic, key, key_version, type, recorded_at
              from \(store.name).outbox_list(\(sink), \(after), \(Int32(limit)))
            """)
        return try rows.map { row throws(PostgresError) in
            let (position, state, id, tenant, topic, key, version, type, recordedAt) = try row.decode(
                Int64.self, String.self, UUID.self, String.self, String.self, String.self, Int64.self, String.self,
                Date.self)
            return Message(
                position: position, state: state, id: id, tenant: tenant, topic: topic, key: key, keyVersion: version,
                type: type, recordedAt: recordedAt)
        }
    }

    var json: OutputJSON {
        [
            "sink": .string(sink),
            "messages": .array(
                messages.map { message in
                    [
                        "position": .integer(message.position), "state": .string(message.state),
                        "id": .string(message.id.uuidString.lowercased()), "tenant": .string(message.tenant),
                        "topic": .string(message.topic), "key": .string(message.key),
                        "keyVersion": .integer(message.keyVersion), "type": .string(message.type),
                        "recordedAt": Moment.json(message.recordedAt),
                    ]
                }),
            "next": .optional(next) { .integer($0) },
        ]
    }

    func lines(_ style: OutputStyle) -> [String] {
        guard !messages.isEmpty else { return ["no messages"] }
        let tenants = TenantColumn(messages.map(\.tenant))
        var table = Table(
            [.init("POSITION", .right), .init("STATE")] + tenants.title + [
                .init("TOPIC"), .init("KEY"), .init("VERSION", .right), .init("TYPE", minimum: 12), .init("RECORDED"),
            ])
        for message in messages {
            table.append(
                [.init("\(message.position)"), .init(message.state, Self.emphasis(of: message.state))]
                    + tenants.cell(message.tenant) + [
                        .init(message.topic), .init(message.key), .init("\(message.keyVersion)"), .init(message.type),
                        .init(Moment.text(message.recordedAt)),
                    ])
        }
        return table.lines(style)
    }

    static func emphasis(of state: String) -> Emphasis {
        switch state {
        case "parked": .bad
        case "retrying": .warning
        default: .none
        }
    }
}
