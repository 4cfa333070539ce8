import EventSourcing
import Postgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The statements that read, and how their rows become events.
struct ReadStatements: Sendable {
    private let tenant: PostgresBind
    private let logText: String
    private let streamText: String
    private let moreText: String
    let status: SQL
    let storeWatermark: SQL

    init(schema: SchemaName, tenant: String) {
        self.tenant = PostgresBind(tenant)
        let columns = "position, stream, version, type, data, metadata, tags, id, recorded_at"
        logText = "select generation, \(columns) from \(schema.quoted).read_all_in_generation($1, $2, $3, $4)"
        streamText =
            "select coalesce((select max(number) from \(schema.quoted).generations), 1) as generation, \(columns) "
            + "from \(schema.quoted).read_stream($1, $2, $3, $4, $5)"
        moreText = "select has_more, held_back from \(schema.quoted).is_more($1, $2, $3)"
        status = SQL(
            unescaped: "select head, watermark, generation, holder_pid, holder_application, holder_user, holder_since, "
                + "holder_state from \(schema.quoted).log_status()")
        storeWatermark = SQL(unescaped: "select \(schema.quoted).store_watermark()")
    }

    func log(after cursor: LogCursor, limit: Int) -> SQL {
        SQL(
            unescaped: logText,
            binds: [
                PostgresBind(Int32(clamping: cursor.generation.rawValue)), PostgresBind(cursor.position.rawValue),
                PostgresBind(Int32(limit)), tenant,
            ])
    }

    func isMore(after cursor: LogCursor) -> SQL {
        SQL(
            unescaped: moreText,
            binds: [
                PostgresBind(Int32(clamping: cursor.generation.rawValue)), PostgresBind(cursor.position.rawValue),
                tenant,
            ])
    }

    func stream(_ stream: StreamID, from: StreamVersion?, _ direction: ReadDirection, limit: Int) -> SQL {
        SQL(
            unescaped: streamText,
            binds: [
                PostgresBind(stream.name), PostgresBind(from?.rawValue), PostgresBind(Int32(limit)),
                PostgresBind(direction == .backwards), tenant,
            ])
    }

    func events(of rows: Rows) throws(PostgresError) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        events.reserveCapacity(rows.count)
        for row in rows { events.append(try event(of: row)) }
        return events
    }

    private func event(of row: Row) throws(PostgresError) -> RecordedEvent {
        let (generation, position, name, version, type, data, metadata, tags, id, recordedAt) = try row.decode(
            Int32.self, Int64.self, String.self, Int64.self, String.self, JSONB.self, JSONB?.self, [String]?.self,
            UUID.self, Date.self)
        let stream: StreamID
        do {
            stream = try StreamID(validating: name)
        } catch {
            throw PostgresError(.decoding, "the log holds a stream whose name is not valid: \(error.message)")
        }
        return RecordedEvent(
            generation: LogGeneration(Int64(generation)), position: GlobalPosition(position), stream: stream,
            version: StreamVersion(version), type: type, data: data.bytes,
            metadataJSON: metadata?.bytes ?? Self.noMetadata, tags: tags ?? [], id: EventID(id), recordedAt: recordedAt)
    }

    private static let noMetadata = Array("{}".utf8)
}
