public import Postgres
public import PostgresEventStore

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What an operator does with the outbox: look at lanes and messages, see which keys are blocked, and replay them.
///
/// Its client connects as a role that is a member of `skald_operator`.
public struct OutboxOperator: Sendable {
    private let client: PostgresClient
    private let statements: OutboxStatements
    private let deadline: Duration

    /// An operator of the outbox in a schema.
    ///
    /// - Parameter deadline: How long each question may take. Default: 10 s.
    public init(_ client: PostgresClient, schema: SchemaName = .standard, deadline: Duration = .seconds(10)) {
        self.client = client
        self.deadline = deadline
        statements = OutboxStatements(schema: schema)
    }

    /// How the lanes stand: of one sink, or of all.
    public func status(of sink: SinkName? = nil) async throws(PostgresError) -> [OutboxStatus] {
        try await OutboxStatus.lanes(of: sink, statements, client, deadline)
    }

    /// The messages after a position, in order, and how each stands with a sink. Default: the first 100.
    public func messages(
        of sink: SinkName, after position: Int64 = 0, limit: Int = 100
    ) async throws(PostgresError) -> [ListedMessage] {
        let statement: SQL = """
            select position, state, id, tenant, topic, key, key_version, type, recorded_at \
            from \(statements.function("outbox_list"))(\(sink.name), \(position), \(Int32(clamping: limit)))
            """
        var messages: [ListedMessage] = []
        for row in try await client.query(statement, deadline: deadline) {
            messages.append(
                ListedMessage(
                    position: try row[0].decode(Int64.self), state: try row[1].decode(String.self),
                    id: MessageID(try row[2].decode(UUID.self)), tenant: try row[3].decode(String.self),
                    topic: try row[4].decode(String.self), key: try row[5].decode(String.self),
                    keyVersion: try row[6].decode(Int64.self), type: try row[7].decode(String.self),
                    recordedAt: try row[8].decode(Date.self)))
        }
        return messages
    }

    /// The keys that a sink (nil: any sink) did not take a message of; those that are tried again by themselves only if
    /// asked for.
    public func parked(
        of sink: SinkName? = nil, includingRetrying: Bool = false
    ) async throws(PostgresError) -> [BlockedKey] {
        let statement: SQL = """
            select sink_name, tenant, topic, key, state, key_version, message_id, attempts, reason, next_try, blocked_at, \
            waiting from \(statements.function("outbox_parked"))(\(sink?.name), \(includingRetrying))
            """
        var keys: [BlockedKey] = []
        for row in try await client.query(statement, deadline: deadline) {
            keys.append(
                BlockedKey(
                    sink: SinkName(try row[0].decode(String.self)), tenant: try row[1].decode(String.self),
                    topic: try row[2].decode(String.self), key: try row[3].decode(String.self),
                    isParked: try row[4].decode(String.self) == "parked", keyVersion: try row[5].decode(Int64.self),
                    messageID: MessageID(try row[6].decode(UUID.self)), attempts: Int(try row[7].decode(Int32.self)),
                    reason: try row[8].decode(String.self), nextTry: try row[9].decode(Date.self),
                    blockedAt: try row[10].decode(Date.self), waiting: try row[11].decode(Int64.self)))
        }
        return keys
    }

    /// Lets blocked keys be tried again at once, each from its first unsent message on and in order. Who did it and why is
    /// kept in `skald.operation_list`.
    ///
    /// - Parameters:
    ///   - actor: who does it, in at most 250 bytes.
    ///   - reason: why, for the next person, in at most 10,000 bytes.
    ///   - topic: nil: of every topic.
    ///   - key: nil: every key.
    ///   - tenant: nil: of every tenant.
    /// - Returns: how many keys.
    /// - Throws: `PostgresError`, with SQLSTATE SK003 where nobody or no reason is named.
    @discardableResult
    public func replay(
        _ sink: SinkName, topic: String? = nil, key: String? = nil, tenant: String? = nil, actor: String, reason: String
    ) async throws(PostgresError) -> Int {
        let statement: SQL = """
            select \(statements.function("outbox_replay"))(\(sink.name), \(actor), \(reason), \(topic), \(key), \
            \(tenant))
            """
        return Int(try await client.query(statement, deadline: deadline).one()[0].decode(Int32.self))
    }

    /// Forgets a sink that is not used any more, so that what only it had not taken can be purged. Its blocked keys are
    /// forgotten with it. Who did it and why is kept in `skald.operation_list`.
    ///
    /// - Parameters:
    ///   - actor: who does it, in at most 250 bytes.
    ///   - reason: why, for the next person, in at most 10,000 bytes.
    /// - Returns: how many keys were blocked: their unsent messages do not reach the sink.
    /// - Throws: `PostgresError`, with SQLSTATE SK014 while a relay of this name runs; with SK003 where there is no such
    ///   sink, or nobody or no reason is named.
    @discardableResult
    public func unregister(_ sink: SinkName, actor: String, reason: String) async throws(PostgresError) -> Int {
        let statement: SQL = "select \(statements.function("outbox_unregister"))(\(sink.name), \(actor), \(reason))"
        return Int(try await client.query(statement, deadline: deadline).one()[0].decode(Int32.self))
    }
}
