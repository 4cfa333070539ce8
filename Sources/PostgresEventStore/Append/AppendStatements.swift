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

    init(schema: SchemaName, tenant: String) {
        self.tenant = PostgresBind(tenant)
        groupText =
            "select member, status, first_version, last_version, last_position "
            + "from \(schema.quoted).append_group($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        oneText =
            "select status, first_version, last_version, last_position "
            + "from \(schema.quoted).append_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    }

    /// One call for many appends, which succeed or fail alone.
    func group(_ appends: [EncodedAppend]) -> SQL {
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
                PostgresBind(appends.map(\.mayBeRepeated)),
                PostgresBind(members),
            ] + events(of: appends))
    }

    /// One append; `waits`: for a stream that another transaction holds.
    func one(_ append: EncodedAppend, waits: Bool) -> SQL {
        SQL(
            unescaped: oneText,
            binds: [
                tenant,
                PostgresBind(append.stream.name),
                PostgresBind(append.expected.code),
                PostgresBind(append.id.rawValue),
                PostgresBind(append.mayBeRepeated),
            ] + events(of: [append]) + [PostgresBind(waits)])
    }

    /// The outcomes of a group, in the order of its members.
    func outcomes(of rows: Rows, count: Int) throws(EventStoreError) -> [AppendOutcome] {
        var outcomes: [AppendOutcome?] = Array(repeating: nil, count: count)
        do {
            for row in rows {
                let (member, status, first, last, position) = try row.decode(
                    Int32.self, Int16.self, Int64?.self, Int64?.self, Int64?.self)
                guard outcomes.indices.contains(Int(member) - 1) else { continue }
                outcomes[Int(member) - 1] = try AppendOutcome(
                    status: status, first: first, last: last, position: position)
            }
        } catch let error as PostgresError {
            throw EventStoreError(reading: error)
        } catch let error as EventStoreError {
            throw error
        } catch {
            throw EventStoreError(.unavailable, "an append's answer could not be read: \(error)")
        }
        let known = outcomes.compactMap(\.self)
        guard known.count == count else {
            throw EventStoreError(.outcomeUnknown, "the database answered for \(known.count) of \(count) appends")
        }
        return known
    }

    /// The outcome of one append.
    func outcome(of rows: Rows) throws(EventStoreError) -> AppendOutcome {
        let status: Int16
        let first: Int64?
        let last: Int64?
        let position: Int64?
        do throws(PostgresError) {
            guard let row = rows.first else {
                throw PostgresError(.decoding, "append_one returned no row")
            }
            (status, first, last, position) = try row.decode(Int16.self, Int64?.self, Int64?.self, Int64?.self)
        } catch {
            throw EventStoreError(reading: error)
        }
        return try AppendOutcome(status: status, first: first, last: last, position: position)
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
                metadata.append(event.metadataJSON.count <= 2 ? nil : JSONB(event.metadataJSON))
                tags.append(event.tags.isEmpty ? nil : Self.arrayLiteral(event.tags))
                ids.append(id.rawValue)
                given.append(event.id != nil)
            }
        }
        return [
            PostgresBind(types), PostgresBind(data), PostgresBind(metadata), PostgresBind(tags), PostgresBind(ids),
            PostgresBind(given),
        ]
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
