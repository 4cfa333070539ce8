import EventSourcing
import Postgres
import PostgresEventStore

/// The statements about checkpoints (`Migrations/0005_projections.sql`).
struct ProjectionStatements: Sendable {
    let schema: SchemaName
    let tenant: String

    /// The one lane there is; dividing a projection into several comes later.
    private static let lane: Int32 = 0

    func checkpoint(of name: ProjectionName, version: Int) -> SQL {
        "select \(function("checkpoint"))(\(tenant), \(name.rawValue), \(Int32(version)), \(Self.lane))"
    }

    /// The fence, and the compare-and-set. It comes first in the transaction: who has lost the lease or his place finds
    /// out before he runs into what another has done already.
    func advance(
        _ name: ProjectionName, version: Int, from: GlobalPosition, to: GlobalPosition, lease: Lease
    ) -> SQL {
        """
        select \(function("checkpoint_advance"))(\(tenant), \(name.rawValue), \(Int32(version)), \(Self.lane), \
        \(from.rawValue), \(to.rawValue), \(lease.unit), \(lease.epoch.rawValue))
        """
    }

    func failed(_ name: ProjectionName, version: Int, _ stop: ProjectionState.Stop, lease: Lease) -> SQL {
        """
        select \(function("checkpoint_failed"))(\(tenant), \(name.rawValue), \(Int32(version)), \(Self.lane), \
        \(stop.position.rawValue), \(stop.type), \(Self.storable(stop.reason)), \(lease.unit), \(lease.epoch.rawValue))
        """
    }

    /// How far a version of a projection has come, over all its lanes. One row; nulls before its first batch.
    func progress(of name: ProjectionName, version: Int) -> SQL {
        """
        select min(position), min(failed_position), min(failure) from \(view)
        where tenant = \(tenant) and projection = \(name.rawValue) and version = \(Int32(version))
        """
    }

    /// All projections of the tenant.
    var status: SQL {
        """
        select projection, version, position, epoch, updated_at, behind, oldest_pending,
               failed_position, failed_type, failure, failed_at, last_failed_at, failures, clock_timestamp() as now
          from \(view) where tenant = \(tenant) order by projection, version, lane
        """
    }

    private var view: SQL { SQL(unescaped: "\(schema.quoted).checkpoint_status") }

    private func function(_ name: String) -> SQL { SQL(unescaped: "\(schema.quoted).\(name)") }

    /// PostgreSQL's texts hold no NUL.
    private static func storable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\0" }))
    }
}
