import EventSourcing
import Postgres
import PostgresEventStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The statements about sagas, and what their rows mean. One text for each, whatever the number of sagas.
struct SagaStatements: Sendable {
    let schema: SchemaName

    func start(_ name: SagaName, _ id: SagaID, definition: Int, input: [UInt8], tenant: String) -> SQL {
        """
        select status from \(function("saga_start"))(\(tenant), \([name.rawValue]), \([id.rawValue]), \
        \([Int32(clamping: definition)]), \([JSONB(input)]))
        """
    }

    func due(_ lanes: [(kind: SagaKind, lane: Int)], atMost count: Int) -> SQL {
        """
        select tenant, name, id, definition, lane, revision, status, state, started_at, due_at, now, input_ids, \
        input_kinds, inputs from \(function("saga_due"))(\(lanes.map(\.kind.name.rawValue)), \
        \(lanes.map { Int32(clamping: $0.kind.definition) }), \(lanes.map { Int32($0.lane) }), \(Int32(clamping: count)))
        """
    }

    func running(_ kind: SagaKind, lane: Int, after last: SagaKey?, atMost count: Int) -> SQL {
        """
        select tenant, id, revision, state, started_at, now from \(function("saga_running"))(\(kind.name.rawValue), \
        \(Int32(clamping: kind.definition)), \(Int32(lane)), \(last?.tenant ?? ""), \(last?.id.rawValue ?? ""), \
        \(Int32(clamping: count)))
        """
    }

    func putOff(_ sagas: [StuckSaga], under leases: [Lease]) -> SQL {
        """
        select \(function("saga_put_off"))(\(leases.map(\.unit)), \(leases.map(\.epoch.rawValue)), \
        \(sagas.map(\.key.tenant)), \(sagas.map(\.key.name.rawValue)), \(sagas.map(\.key.id.rawValue)), \
        \(sagas.map(\.revision)), \(sagas.map { String($0.reason.prefix(1000)) }))
        """
    }

    func reply(to saga: SagaKey, message: UUID, body: [UInt8]) -> SQL {
        """
        select \(function("saga_reply"))(\(saga.tenant), \(saga.name.rawValue), \(saga.id.rawValue), \(message), \
        \(JSONB(body)))
        """
    }

    func request(
        _ name: SagaName, _ id: SagaID, _ request: SagaRequest, tenant: String
    ) throws(EventStoreError) -> SQL {
        let result = try request.result.map { (value) throws(EventStoreError) in JSONB(try value.json()) }
        return """
            select \(function("saga_request"))(\(name.rawValue), \(id.rawValue), \(request.verb), \(request.actor), \
            \(request.reason), \(request.step?.rawValue), \(result), \(request.id), \(tenant))
            """
    }

    func status(_ name: SagaName, _ id: SagaID, tenant: String) -> SQL {
        """
        select \(statusColumns) from \(relation("saga_status")) where tenant = \(tenant) and name = \(name.rawValue) \
        and id = \(id.rawValue)
        """
    }

    func list(
        _ name: SagaName?, status: SagaState.Status?, after last: (name: SagaName, id: SagaID)?, atMost count: Int,
        tenant: String
    ) -> SQL {
        """
        select \(statusColumns) from \(relation("saga_status")) where tenant = \(tenant) \
        and (name, id) > (\(last?.name.rawValue ?? ""), \(last?.id.rawValue ?? "")) \
        and (\(name?.rawValue)::text is null or name = \(name?.rawValue)) \
        and (\(status?.rawValue)::text is null or status = \(status?.rawValue)) \
        order by name, id limit \(Int64(count))
        """
    }

    func counts() -> SQL {
        "select name, definition, status, count, extract(epoch from overdue)::float8 from \(function("saga_counts"))()"
    }

    func function(_ name: String) -> SQL { relation(name) }

    private func relation(_ name: String) -> SQL { SQL(unescaped: "\(schema.quoted).\(name)") }

    private var statusColumns: SQL {
        """
        tenant, name, id, definition, status, direction, step, attempt, waiting_for, due_at, reason, started_at, \
        changed_at, owner, state
        """
    }
}
