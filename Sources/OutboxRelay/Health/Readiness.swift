import Outbox
import Postgres
import PostgresEventStore
import Synchronization

/// Whether this relay can do its work: the database answers as the right role, the schema is not older than this program,
/// every lane has an owner, and it is not about to end.
///
/// Probes come from anybody who reaches the port, so what they find is kept for a moment: however many come, the database
/// is asked once a second at most.
actor Readiness {
    private let client: PostgresClient
    private let migrator: Migrator
    private let schema: SchemaName
    private let sink: String
    private let patience: Duration
    private let freshness: Duration
    private nonisolated let draining = Atomic(false)
    private var last: (report: CheckReport, at: ContinuousClock.Instant)?

    init(
        _ client: PostgresClient, migrator: Migrator, schema: SchemaName, sink: String,
        patience: Duration = .seconds(2), freshness: Duration = .seconds(1)
    ) {
        self.client = client
        self.migrator = migrator
        self.schema = schema
        self.sink = sink
        self.patience = patience
        self.freshness = freshness
    }

    /// From now on the relay is not ready: it takes no new work.
    nonisolated func drain() { draining.store(true, ordering: .relaxed) }

    func report() async -> CheckReport {
        if draining.load(ordering: .relaxed) {
            return CheckReport(checks: [.init(name: "serving", problem: "it is draining", took: .zero)])
        }
        if let last, ContinuousClock.now - last.at < freshness { return last.report }
        let report = CheckReport(checks: [
            await check("database", database), await check("schema", current), await check("lanes", owned),
        ])
        last = (report, .now)
        return report
    }

    private func check(_ name: String, _ body: () async throws -> String?) async -> CheckReport.Check {
        let start = ContinuousClock.now
        do {
            return .init(name: name, problem: try await body(), took: .now - start)
        } catch let error as PostgresError {
            return .init(name: name, problem: error.message, took: .now - start)
        } catch {
            return .init(name: name, problem: "\(error)", took: .now - start)
        }
    }

    private func database() async throws -> String? { try await Self.missingRight(client, schema, patience) }

    /// What the role may not do that a relay does; nil if it may.
    static func missingRight(
        _ client: PostgresClient, _ schema: SchemaName, _ deadline: Duration
    ) async throws(PostgresError) -> String? {
        let writer = "\(schema.name)_writer"
        let row = try await client.query(
            """
            select current_user::text, coalesce((select pg_has_role(oid, 'member') from pg_roles where rolname = \(writer)), true)
            """, deadline: deadline
        ).one()
        let (user, isMember) = try row.decode(String.self, Bool.self)
        return isMember ? nil : "the role \(user) is not a member of \(writer)"
    }

    private func current() async throws -> String? {
        do {
            try await migrator.requireCurrent()
        } catch  where error.code == .schemaNewer {
            // It was migrated since this relay started, and the version before goes on working. All of them would be
            // unready at once, before the first new one runs.
        }
        return nil
    }

    /// A relay without a lane of its own is ready all the same, if others hold them: it takes over what they lose.
    private func owned() async throws -> String? {
        let row = try await client.query(
            """
            select count(*), count(*) filter (where coalesce(lease_remaining, '0') <= '0')
              from \(identifier: schema.name).outbox_status(\(sink))
            """, deadline: patience
        ).one()
        let (lanes, orphans) = try row.decode(Int64.self, Int64.self)
        if lanes == 0 { return "the sink is not registered yet" }
        return orphans == 0 ? nil : "\(orphans) of \(lanes) lanes have no owner"
    }
}
