import EventSourcing
import Postgres
import PostgresEventStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The statements about the outbox, and what their rows mean.
struct OutboxStatements: Sendable {
    let schema: SchemaName

    /// Enqueues messages in the order given. One text whatever their number.
    func enqueue(_ messages: [OutboxMessage], to topic: String, tenant: String) -> SQL {
        let tenants = messages.map { _ in tenant }
        let topics = messages.map { _ in topic }
        let headers = messages.map { message in
            message.extensions.isEmpty ? nil : JSONB(HeadersText.object(of: message.extensions))
        }
        return """
            select number, key_version, position from \(function("enqueue_group"))(\(tenants), \(topics), \
            \(messages.map(\.key)), \(messages.map(\.id.rawValue)), \(messages.map(\.type)), \(messages.map(\.source)), \
            \(messages.map(\.subject)), \(messages.map(\.time)), \(messages.map(\.dataContentType)), \
            \(messages.map(\.dataSchema)), \(messages.map(\.traceparent)), \(headers), \(messages.map(\.data))) order by number
            """
    }

    func register(_ sink: SinkName, lanes: Int, topics: [String]?, fromNow: Bool) -> SQL {
        """
        select \(function("outbox_register"))(\(sink.name), \(Int32(clamping: lanes)), \(topics), \(fromNow)) as units
        """
    }

    func pulse(_ sink: SinkName) -> SQL {
        "select watermark, due from \(function("outbox_pulse"))(\(sink.name))"
    }

    func cursor(_ sink: SinkName, lane: Int32) -> SQL {
        "select \(function("outbox_cursor"))(\(sink.name), \(lane))"
    }

    func next(_ sink: SinkName, lane: Int32, after position: Int64, atMost count: Int) -> SQL {
        """
        select \(columns) from \(function("outbox_next"))(\(sink.name), \(lane), \(position), \(Int32(clamping: count)))
        """
    }

    func due(_ sink: SinkName, lane: Int32, upTo position: Int64, keys: Int, perKey: Int) -> SQL {
        """
        select \(columns), attempts, unknowns from \(function("outbox_due"))(\(sink.name), \(lane), \(position), \
        \(Int32(clamping: keys)), \(Int32(clamping: perKey)))
        """
    }

    func advance(_ sink: SinkName, lane: Int32, epoch: Epoch, _ progress: LaneState.Progress) -> SQL {
        let verdicts = progress.verdicts.sorted { $0.key < $1.key }.map { VerdictRow($0.key, $0.value) }
        return """
            select \(function("outbox_advance"))(\(sink.name), \(lane), \(epoch.rawValue), \(progress.position), \
            \(progress.readTo), \(verdicts.map(\.key.tenant)), \(verdicts.map(\.key.topic)), \(verdicts.map(\.key.key)), \
            \(verdicts.map(\.verdict)), \(verdicts.map(\.version)), \(verdicts.map(\.attempts)), \(verdicts.map(\.delay)), \
            \(verdicts.map(\.reason)), \(verdicts.map(\.unknowns)))
            """
    }

    func purge(keep: Duration) -> SQL {
        "select \(function("outbox_purge"))(make_interval(secs => \(keep.inSeconds)))"
    }

    func purgeKeys(after place: OrderKey) -> SQL {
        """
        select removed, tenant, topic, key from \(function("outbox_purge_keys"))(\(place.tenant), \(place.topic), \
        \(place.key), 1000)
        """
    }

    func status(_ sink: SinkName?) -> SQL {
        """
        select sink, lane, position, watermark, pending, oldest, retrying, parked, owner, epoch, \
        extract(epoch from lease_remaining)::float8 from \(function("outbox_status"))(\(sink?.name))
        """
    }

    func function(_ name: String) -> SQL {
        SQL(unescaped: "\(schema.quoted).\(name)")
    }

    private var columns: SQL {
        """
        position, key_version, recorded_at, id, tenant, topic, key, type, source, subject, time, datacontenttype, \
        dataschema, traceparent, headers, payload
        """
    }
}

extension OutboxStatements {
    /// The messages of an answer to `next`, and its mark.
    func messages(of rows: Rows) throws(PostgresError) -> (messages: [ReadMessage], mark: Int64) {
        guard let last = rows.last else { throw PostgresError(.decoding, "outbox_next returned no mark") }
        var messages: [ReadMessage] = []
        messages.reserveCapacity(rows.count - 1)
        for row in rows.dropLast() { messages.append(try read(row)) }
        return (messages, try last[0].decode(Int64.self))
    }

    /// A message, or where one stands that cannot be decoded.
    func read(_ row: Row) throws(PostgresError) -> ReadMessage {
        do throws(PostgresError) {
            return ReadMessage(try message(of: row))
        } catch {
            let key = OrderKey(
                tenant: try row[4].decode(String.self), topic: try row[5].decode(String.self),
                key: try row[6].decode(String.self))
            return ReadMessage(
                unreadable: key, keyVersion: try row[1].decode(Int64.self), position: try row[0].decode(Int64.self),
                reason: "the message can't be read: \(error.message)")
        }
    }

    private func message(of row: Row) throws(PostgresError) -> OutboundMessage {
        let headers = try row[14].decode(JSONB?.self)
        let extensions = if let headers { try HeadersText.strings(of: headers.bytes) } else { [String: String]() }
        let message = OutboxMessage(
            id: MessageID(try row[3].decode(UUID.self)), key: try row[6].decode(String.self),
            type: try row[7].decode(String.self), source: try row[8].decode(String.self),
            subject: try row[9].decode(String?.self), time: try row[10].decode(Date.self),
            dataContentType: try row[11].decode(String?.self), dataSchema: try row[12].decode(String?.self),
            traceparent: try row[13].decode(String?.self), extensions: extensions,
            data: try row[15].decode([UInt8]?.self) ?? [])
        return OutboundMessage(
            message, topic: try row[5].decode(String.self), tenant: try row[4].decode(String.self),
            keyVersion: try row[1].decode(Int64.self), position: try row[0].decode(Int64.self),
            recordedAt: try row[2].decode(Date.self))
    }
}

/// A verdict as `outbox_advance` takes it.
private struct VerdictRow {
    let key: OrderKey
    let verdict: String
    let version: Int64
    var attempts: Int32 = 0
    var unknowns: Int32 = 0
    var delay = 0.0
    var reason = ""

    init(_ key: OrderKey, _ verdict: LaneState.Verdict) {
        self.key = key
        switch verdict {
        case .free(let version):
            self.verdict = "free"
            self.version = version
        case .retry(let block, let after):
            self.verdict = "retry"
            version = block.version
            attempts = Int32(clamping: block.attempts)
            unknowns = Int32(clamping: block.unknowns)
            delay = after.inSeconds
            reason = block.reason
        case .park(let block):
            self.verdict = "park"
            version = block.version
            attempts = Int32(clamping: block.attempts)
            reason = block.reason
        }
    }
}
