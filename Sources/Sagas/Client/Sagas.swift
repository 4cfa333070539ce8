public import EventSourcing
public import Logging
import Postgres
public import PostgresEventStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Starts sagas, shows where they stand, and takes operators' requests.
///
/// It needs only the store's client to run. Sagas started here are taken up at once by a ``SagaWorker`` that was made
/// with the same `Sagas`, and by workers elsewhere at their next look.
public final class Sagas: Sendable {
    /// The store that holds the sagas and their histories.
    public let store: PostgresEventStore
    let statements: SagaStatements
    let waker: Waker
    private let logger: Logger

    private var tenant: String { store.configuration.tenant }

    /// Makes a client for the sagas of a store and its tenant.
    public init(_ store: PostgresEventStore, logger: Logger) {
        self.store = store
        self.logger = logger
        statements = SagaStatements(schema: store.configuration.schema)
        waker = Waker(
            client: store.client, channel: store.configuration.schema.name + "_sagas", local: LogSignal(),
            readers: LogSignal(), interval: store.configuration.announceInterval, logger: logger)
    }

    /// Starts a saga. Starting it again with the same id and input changes nothing.
    ///
    /// When this returns the saga is durable and will reach its end, whatever becomes of this process.
    ///
    /// - Returns: true if it was started now, false if it had been before.
    /// - Throws: ``SagaError`` with code ``SagaError/Code/idTaken`` if the id was used with another input, or
    ///   ``SagaError/Code/invalidArgument``; `PostgresError`, with outcome `unknown` if the answer was lost: start it
    ///   again.
    @discardableResult
    public func start<S: Saga>(_ saga: S.Type, id: SagaID, with input: S.State) async throws -> Bool {
        let sql = try startStatement(saga, id, input)
        let status = try await store.client.query(sql).one()[0].decode(Int16.self)
        return try started(status, S.name, id)
    }

    /// Starts a saga in a transaction of the store: it exists if and only if the transaction commits.
    ///
    /// Call ``wake()`` after the commit to have it taken up at once.
    ///
    /// - Returns: true if it was started now, false if it had been before.
    /// - Throws: as ``start(_:id:with:)`` does.
    @discardableResult
    public func start<S: Saga>(
        _ saga: S.Type, id: SagaID, with input: S.State, in transaction: Transaction
    ) async throws -> Bool {
        let sql = try startStatement(saga, id, input)
        let status = try await transaction.query(sql).one()[0].decode(Int16.self)
        return try started(status, S.name, id)
    }

    /// Has the worker beside this client look for due sagas now, and tell workers elsewhere.
    public func wake() {
        waker.readers.raise()
        waker.local.raise()
    }

    /// Where a saga stands; nil if there is none of this name and id.
    public func status(of name: SagaName, id: SagaID) async throws -> SagaStatus? {
        try await store.client.query(statements.status(name, id, tenant: tenant)).first.map { try SagaStatus($0) }
    }

    /// The sagas of a kind, or in a state, or all, by name and id.
    ///
    /// - Parameters:
    ///   - last: where the last list ended, to go on with the next; nil: from the first.
    ///   - limit: how many at most; 100 by default.
    public func list(
        _ name: SagaName? = nil, status: SagaState.Status? = nil, after last: (name: SagaName, id: SagaID)? = nil,
        limit: Int = 100
    ) async throws -> [SagaStatus] {
        let statement = statements.list(name, status: status, after: last, atMost: limit, tenant: tenant)
        let rows = try await store.client.query(statement)
        return try rows.map { try SagaStatus($0) }
    }

    /// A saga's history, oldest first.
    public func history(of name: SagaName, id: SagaID) async throws -> [Recorded<SagaEvent>] {
        var history: [Recorded<SagaEvent>] = []
        let stream = try StreamID(validating: "$saga:\(name)-\(id)")
        for try await event in store.read(stream) { history += try EventCoding().decode(event, as: SagaEvent.self) }
        return history
    }

    /// Asks a saga to retry, skip or take a result. Its worker does so, or refuses; either becomes an event of its
    /// history.
    ///
    /// - Throws: ``SagaError/Code/unknownSaga`` if there is none of this name and id; `PostgresError` (SK003) if actor
    ///   or reason are missing.
    public func request(_ request: SagaRequest, of name: SagaName, id: SagaID) async throws {
        do {
            try await store.client.query(statements.request(name, id, request, tenant: tenant))
        } catch let error as PostgresError where error.sqlState == .unknownSaga {
            throw SagaError.unknownSaga(name, id)
        }
        wake()
    }

    private func startStatement<S: Saga>(_ saga: S.Type, _ id: SagaID, _ input: S.State) throws -> SQL {
        guard S.name.isValid else {
            throw SagaError(.invalidDefinition, "'\(S.name)' is not a valid name of a saga.")
        }
        guard id.isValid else {
            throw SagaError(
                .invalidArgument, "A saga's id has 1 to 128 bytes of UTF-8 and no control characters; '\(id)' has not.")
        }
        let json = try JSONValue(encoding: input).json()
        return statements.start(S.name, id, definition: S.version, input: json, tenant: tenant)
    }

    private func started(_ status: Int16, _ name: SagaName, _ id: SagaID) throws -> Bool {
        guard status != 2 else {
            throw SagaError(
                .idTaken, "Saga '\(name)' with id '\(id)' was started before with another input; choose another id.")
        }
        if status == 0 { wake() }
        return status == 0
    }
}

extension SQLState {
    /// SK011: there is no such saga.
    static let unknownSaga = SQLState("SK011")
}
