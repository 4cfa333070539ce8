import EventSourcing
import Postgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The statements that append, and how their rows are read. One text each, whatever the size of the group.
struct AppendStatements: Sendable {
    private let tenant: PostgresBind
    private let groupText: String
    private let oneText: String
    private let beginText: String
    /// The highest position that was ever drawn.
    let head: SQL
    let beginSession: SQL

    init(schema: SchemaName, tenant: String) {
        self.tenant = PostgresBind(tenant)
        groupText =
            "select member, status, first_version, last_version, last_position "
            + "from \(schema.quoted).append_group($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        oneText =
            "select status, first_version, last_version, last_position "
            + "from \(schema.quoted).append_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        beginText = "select \(schema.quoted).begin_stream($1, $2, $3, $4, $5, $6, $7, $8)"
        head = SQL(unescaped: "select head from \(schema.quoted).log_status()")
        beginSession = SQL(unescaped: "select \(schema.quoted).begin_session()")
    }

    /// One call for many appends, which succeed or fail alone. `areResent`: which of them were sent before. `known`: the end
    /// of the log as it was known before the first attempt of any of them.
    func group(_ appends: [EncodedAppend], areResent: [Bool], known: Int64) -> SQL {
        var members: [Int32] = []
        for (index, append) in appends.enumerated() {
            for _ in append.events { members.append(Int32(index + 1)) }
        }
        return SQL(
            unescaped: groupText,
            binds: [
                tenant,
                PostgresBind(appends.map(\.stream.name)),
                PostgresBind(appends.map(\.expected.code)),
                PostgresBind(appends.map(\.id.rawValue)),
                PostgresBind(zip(appends, areResent).map { $0.isIDGiven || $1 }),
                PostgresBind(members),
            ] + events(of: appends) + [PostgresBind(known)])
    }

    /// One append. `patience`: how long to wait for a stream that another transaction holds; nil: as long as the session's
    /// `lock_timeout` lets it. `known`: nil if this is its only attempt.
    func one(_ append: EncodedAppend, isResent: Bool = false, patience: Duration?, known: Int64?) -> SQL {
        SQL(
            unescaped: oneText,
            binds: [
                tenant,
                PostgresBind(append.stream.name),
                PostgresBind(append.expected.code),
                PostgresBind(append.id.rawValue),
                PostgresBind(append.isIDGiven || isResent),
            ] + events(of: [append]) + [
                PostgresBind(patience.map { $0 == .zero ? 0 : Int32(clamping: $0.wholeMilliseconds) }),
                PostgresBind(known),
            ])
    }

    /// The append of a stream's first event, or nil where it takes more than that to append it.
    func begin(_ append: EncodedAppend) -> SQL? {
        guard append.expected == .noStream, !append.isIDGiven, append.events.count == 1 else { return nil }
        let event = append.events[0]
        return SQL(
            unescaped: beginText,
            binds: [
                tenant,
                PostgresBind(append.stream.name),
                PostgresBind(append.id.rawValue),
                PostgresBind(append.eventIDs[0].rawValue),
                PostgresBind(event.type),
                PostgresBind(JSONB(event.data)),
                PostgresBind(Self.metadata(of: event)),
                PostgresBind(Self.tags(of: event)),
            ])
    }

    /// The position of a stream's first event; nil where `begin` found that there is such a stream.
    func position(of rows: Rows) throws(PostgresError) -> Int64? {
        try rows.first?[0].decode(Int64?.self) ?? nil
    }

    /// The outcomes of a group, in the order of its members. Each is read by itself: one that cannot be read is nobody
    /// else's misfortune.
    func outcomes(of rows: Rows) -> [Result<AppendOutcome, EventStoreError>] {
        var outcomes: [Result<AppendOutcome, EventStoreError>] = Array(
            repeating: .failure(.unreadable("the database said nothing of this append")), count: rows.count)
        for row in rows {
            guard let member = try? row[0].decode(Int32.self), outcomes.indices.contains(Int(member) - 1) else {
                continue
            }
            outcomes[Int(member) - 1] = Self.outcome(of: row, from: 1)
        }
        return outcomes
    }

    /// The outcome of one append.
    func outcome(of rows: Rows) -> Result<AppendOutcome, EventStoreError> {
        guard let row = rows.first else { return .failure(.unreadable("the database said nothing of this append")) }
        return Self.outcome(of: row, from: 0)
    }

    private static func outcome(of row: Row, from column: Int) -> Result<AppendOutcome, EventStoreError> {
        do throws(PostgresError) {
            let status = try row[column].decode(Int16.self)
            let first = try row[column + 1].decode(Int64?.self)
            let last = try row[column + 2].decode(Int64?.self)
            let position = try row[column + 3].decode(Int64?.self)
            return Result { () throws(EventStoreError) in
                try AppendOutcome(status: status, first: first, last: last, position: position)
            }
        } catch {
            return .failure(.unreadable("the database's answer could not be read: \(error.message)"))
        }
    }

    private func events(of appends: [EncodedAppend]) -> [PostgresBind] {
        let count = appends.reduce(0) { $0 + $1.events.count }
        var types: [String] = []
        var data: [JSONB] = []
        var metadata: [JSONB?] = []
        var tags: [String?] = []
        var ids: [UUID] = []
        var given: [Bool] = []
        types.reserveCapacity(count)
        data.reserveCapacity(count)
        metadata.reserveCapacity(count)
        tags.reserveCapacity(count)
        ids.reserveCapacity(count)
        given.reserveCapacity(count)
        for append in appends {
            for (event, id) in zip(append.events, append.eventIDs) {
                types.append(event.type)
                data.append(JSONB(event.data))
                metadata.append(Self.metadata(of: event))
                tags.append(Self.tags(of: event))
                ids.append(id.rawValue)
                given.append(event.id != nil)
            }
        }
        return [
            PostgresBind(types), PostgresBind(data), PostgresBind(metadata), PostgresBind(tags), PostgresBind(ids),
            PostgresBind(given),
        ]
    }

    private static func metadata(of event: NewEvent) -> JSONB? {
        event.metadataJSON.count <= 2 ? nil : JSONB(event.metadataJSON)
    }

    private static func tags(of event: NewEvent) -> String? {
        event.tags.isEmpty ? nil : arrayLiteral(event.tags)
    }

    /// Tags are an array in an array, and PostgreSQL has no ragged ones; so each event's tags travel as a literal.
    static func arrayLiteral(_ elements: [String]) -> String {
        var literal = "{"
        for (index, element) in elements.enumerated() {
            if index > 0 { literal += "," }
            literal += "\""
            for character in element.unicodeScalars {
                if character == "\"" || character == "\\" { literal += "\\" }
                literal.unicodeScalars.append(character)
            }
            literal += "\""
        }
        return literal + "}"
    }
}
