import Skald

// What the scenarios look up in the databases.
extension Stage {
    /// Tells a trip's story to its end.
    @discardableResult
    func expect(
        _ end: SagaState.Status, of booking: BookingID, in saga: SagaName = BookTrip.name
    ) async throws -> [SagaEvent] {
        let history = try await tell(booking, of: saga)
        let last = try await self.end(of: booking, in: saga)
        guard last == end else { throw DemoError("\(booking) is \(last.rawValue), and should be \(end.rawValue)") }
        return history
    }

    /// How a trip ended.
    func end(of booking: BookingID, in name: SagaName = BookTrip.name) async throws -> SagaState.Status {
        var status: SagaState.Status?
        try await until("\(booking) has ended") {
            let saga = try await sagas.status(of: name, id: SagaID(rawValue: booking))
            status = saga?.status
            return saga?.state.isFinished ?? false
        }
        return status ?? .waiting
    }

    /// A booking whose saga will be run by a process: sagas belong to lanes, and processes hold leases on lanes.
    func booking(runBy pid: Int32, named name: String) async throws -> BookingID {
        var found: String?
        try await until("the process \(pid) holds a lane") {
            let rows = try await database(.orders).query(
                """
                select b.id from (select \(name) || '-' || n as id from generate_series(1, 200) as n) as b
                  join skald.leases l on l.owner like \("%/\(pid)/%") and l.expires_at > clock_timestamp() + interval '1 second'
                   and l.unit = skald.saga_unit(\(BookTrip.name.rawValue), 1,
                       ((hashtextextended(e'\\x1f' || \(BookTrip.name.rawValue) || e'\\x1f' || b.id, 0) & 255) >> 4)::integer)
                 limit 1
                """)
            found = try rows.first?[0].decode(String.self)
            return found != nil
        }
        return found ?? name
    }

    /// The process that holds the lane of a trip's saga.
    func owner(of booking: BookingID) async throws -> Int32 {
        let owner = try await sagas.status(of: BookTrip.name, id: SagaID(rawValue: booking))?.owner ?? ""
        let parts = owner.split(separator: "/")
        return parts.count > 1 ? Int32(parts[1]) ?? 0 : 0
    }

    /// How many deliveries were repetitions, over all services.
    func duplicates() async throws -> Int {
        var sum = 0
        for client in databases.values {
            sum += try await client.number("select coalesce(sum(times - 1), 0) from deliveries")
        }
        return sum
    }
}

extension PostgresClient {
    /// The one whole number that a query gives.
    func number(_ sql: SQL) async throws -> Int {
        try await query("select (\(sql))::bigint").one()[0].decode(Int.self)
    }
}
