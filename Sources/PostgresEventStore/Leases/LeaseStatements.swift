import Postgres

/// The statements about leases, and what their rows mean.
struct LeaseStatements: Sendable {
    let schema: SchemaName
    let owner: LeaseOwner
    let duration: Duration

    func join(kind: String) -> SQL {
        "select members, place from \(function("lease_join"))(\(kind), \(owner.name), \(interval))"
    }

    func leave(kind: String) -> SQL {
        "select \(function("lease_leave"))(\(kind), \(owner.name))"
    }

    func acquire(_ units: [String], atMost count: Int) -> SQL {
        "select unit, epoch from \(function("lease_acquire"))(\(units), \(owner.name), \(interval), \(Int32(clamping: count)))"
    }

    func renew(_ keys: [LeaseState.Key]) -> SQL {
        "select unit, epoch from \(function("lease_renew"))(\(owner.name), \(units(keys)), \(epochs(keys)), \(interval))"
    }

    func release(_ keys: [LeaseState.Key]) -> SQL {
        "select \(function("lease_release"))(\(owner.name), \(units(keys)), \(epochs(keys)))"
    }

    func keys(of rows: Rows) throws(PostgresError) -> [LeaseState.Key] {
        try rows.decode(String.self, Int64.self).map { LeaseState.Key(unit: $0, epoch: Epoch(rawValue: $1)) }
    }

    private func function(_ name: String) -> SQL {
        SQL(unescaped: "\(schema.quoted).\(name)")
    }

    private var interval: SQL {
        "make_interval(secs => \(duration.inSeconds))"
    }

    private func units(_ keys: [LeaseState.Key]) -> [String] {
        keys.map(\.unit)
    }

    private func epochs(_ keys: [LeaseState.Key]) -> [Int64] {
        keys.map(\.epoch.rawValue)
    }
}

extension Duration {
    /// The whole of it as a number of seconds.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
