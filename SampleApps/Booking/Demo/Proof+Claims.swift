import Skald

extension Proof {
    /// Nothing is on its way any more: outboxes are drained, projections have read everything. Without that the other
    /// claims would be about a moment in between.
    func arrival() async throws -> Report.Claim {
        var (pending, unread) = (0, 0)
        var holds = true
        do {
            try await waiting("everything on its way has arrived") {
                pending = 0
                unread = 0
                for service in ServiceName.allCases {
                    pending += Int(try await OutboxOperator(database(service)).status().reduce(0) { $0 + $1.pending })
                    unread += try await streams(of: service).reduce(0) { $0 + abs($1.events - $1.projected) }
                }
                return pending == 0 && unread == 0
            }
        } catch {
            holds = false
            narrator.note("\(error)")
        }
        return claim(
            "everything on its way has arrived; left: \(pending) messages, \(unread) events", holds,
            ["pending": pending, "unread": unread])
    }

    // SG8, SG9
    func seats() async throws -> Report.Claim {
        let seats = try await list(.inventory, "select seat from seats")
        let available = try await number(.inventory, "select count(*) from seats where status = 'available'")
        let held = try await number(.inventory, "select count(*) from seats where status = 'held'")
        let sold = try await list(
            .inventory, "select coalesce(booking, '?') || ' ' || seat from seats where status = 'sold'")
        let twice = try await number(
            .inventory,
            """
            select count(*) from (
              select type, lag(type) over (partition by stream order by version) as before
                from skald.events where type in ('seat.sold', 'seat.returned')) as x
             where type = before
            """)
        let wanted = try await list(
            .orders,
            """
            select t.booking || ' ' || coalesce(s.state #>> '{data,input,seat}', '?') from trips t
              left join skald.sagas s on s.name = \(BookTrip.name.rawValue) and s.id = t.booking where t.status = 'confirmed'
            """)
        return claim(
            "seats: \(available) free + \(held) held + \(sold.count) sold = \(stock.seats.count); \(wanted.count) confirmed, \(twice) sold twice",
            available + sold.count == stock.seats.count && seats == stock.seats.sorted() && sold == wanted && held == 0
                && twice == 0,
            [
                "added": seats.count, "available": available, "held": held, "sold": sold.count, "soldTwice": twice,
                "confirmedSeats": wanted.count,
            ])
    }

    func rooms() async throws -> Report.Claim {
        let hotels = try await list(.inventory, "select hotel || ' ' || rooms from hotels")
        let held = try await number(.inventory, "select count(*) from rooms_taken where status = 'held'")
        let sold = try await list(
            .inventory, "select booking || ' ' || hotel from rooms_taken where status = 'sold'")
        let over = try await number(
            .inventory,
            "select count(*) from hotels h where rooms < (select count(*) from rooms_taken t where t.hotel = h.hotel)")
        let wanted = try await list(
            .orders,
            """
            select t.booking || ' ' || (s.state #>> '{data,input,hotel}') from trips t
              join skald.sagas s on s.name = \(BookTrip.name.rawValue) and s.id = t.booking
             where t.status = 'confirmed' and s.state #>> '{data,input,hotel}' is not null
            """)
        let rooms = stock.hotels.values.reduce(0, +)
        return claim(
            "rooms: \(rooms - held - sold.count) free + \(held) held + \(sold.count) sold = \(rooms); \(wanted.count) confirmed, \(over) overbooked",
            hotels == stock.hotels.map { "\($0) \($1)" }.sorted() && sold == wanted && held == 0 && over == 0,
            ["rooms": rooms, "held": held, "sold": sold.count, "overbooked": over, "confirmedRooms": wanted.count])
    }

    func money() async throws -> Report.Claim {
        let captured = try await number(.payments, "select coalesce(sum(captured), 0) from ledger")
        let refunded = try await number(.payments, "select coalesce(sum(refunded), 0) from ledger")
        let confirmed = try await number(
            .orders, "select coalesce(sum(cents), 0) from trips where status = 'confirmed'")
        let paid = try await list(
            .payments,
            "select booking || ' ' || captured - refunded from ledger where captured <> refunded")
        let owed = try await list(
            .orders, "select booking || ' ' || cents from trips where status = 'confirmed'")
        let paidBack = try await list(
            .payments, "select booking || ' ' || refunded from ledger where refunded <> 0")
        let cancelled = try await list(
            .orders, "select booking || ' ' || cents from trips where status = 'cancelled'")
        return claim(
            "money: \(captured.asMoney) captured - \(refunded.asMoney) refunded = \(confirmed.asMoney) of confirmed trips",
            captured - refunded == confirmed && paid == owed && paidBack == cancelled,
            ["captured": captured, "refunded": refunded, "confirmed": confirmed])
    }

    // PR2: stream by stream, so that an event too many and one too few do not make up for each other.
    func projections() async throws -> Report.Claim {
        var (events, projected, holds) = (0, 0, true)
        for service in ServiceName.allCases {
            for stream in try await streams(of: service) {
                holds = holds && stream.events == stream.projected
                events += stream.events
                projected += stream.projected
            }
        }
        return claim(
            "projections: \(events) domain events, \(projected) projected, each once", holds,
            ["events": events, "projected": projected])
    }

    /// How many events each stream has, and how many of them its row in a read model has counted.
    private func streams(of service: ServiceName) async throws -> [(events: Int, projected: Int)] {
        let projected: SQL? =
            switch service {
            case .inventory:
                "select 'seat-' || seat, events from seats union all select 'room-' || hotel, events from hotels"
            case .payments: "select 'payment-' || booking, events from ledger"
            case .orders: "select 'trip-' || booking, events from trips"
            case .notifications: nil
            }
        let appended = try await counts(
            service, "select stream, count(*)::int from skald.events where stream not like '$%' group by stream")
        let counted = if let projected { try await counts(service, projected) } else { [String: Int]() }
        return Set(appended.keys).union(counted.keys).map { (appended[$0] ?? 0, counted[$0] ?? 0) }
    }

    private func counts(_ service: ServiceName, _ sql: SQL) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in try await database(service).query(sql) {
            counts[try row[0].decode(String.self), default: 0] += Int(try row[1].decode(Int32.self))
        }
        return counts
    }
}
