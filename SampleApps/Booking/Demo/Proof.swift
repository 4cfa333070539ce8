import Skald

/// What must hold whatever has happened, asked of the databases alone.
struct Proof: Sendable {
    let stage: Stage

    /// Waits until everything on its way has arrived, then holds claim after claim against the databases.
    func claims() async throws -> [Report.Claim] {
        do {
            try await settle()
        } catch {
            stage.narrator.line("✗", "\(error)", style: .bad)
        }
        var claims: [Report.Claim] = []
        for claim in [seats, rooms, money, projections, news, messages, sagas, duplicates] {
            let result = try await claim()
            claims.append(result)
            stage.narrator.line(
                result.holds ? "✓" : "✗", result.claim, style: result.holds ? .good : .bad)
        }
        return claims
    }

    private func number(_ service: ServiceName, _ sql: SQL) async throws -> Int {
        try await stage.database(service).number(sql)
    }

    /// Over all four databases.
    private func total(_ sql: SQL) async throws -> Int {
        var sum = 0
        for service in ServiceName.allCases { sum += try await number(service, sql) }
        return sum
    }

    private func claim(_ text: String, _ holds: Bool, _ numbers: [String: Int]) -> Report.Claim {
        Report.Claim(claim: text, holds: holds, numbers: numbers)
    }
}

extension Proof {
    /// Nothing is on its way any more: outboxes are drained, projections have read everything.
    private func settle() async throws {
        try await stage.until("everything on its way has arrived", within: .seconds(20), every: .milliseconds(50)) {
            for service in ServiceName.allCases {
                let lanes = try await OutboxOperator(stage.database(service)).status()
                guard lanes.allSatisfy({ $0.pending == 0 }) else { return false }
            }
            return try await total("select count(*) from skald.events where stream not like '$%'") == projected()
        }
    }

    private func projected() async throws -> Int {
        try await number(
            .inventory,
            "select (select coalesce(sum(events), 0) from seats) + (select coalesce(sum(events), 0) from hotels)")
            + number(.payments, "select coalesce(sum(events), 0) from ledger")
            + number(.orders, "select coalesce(sum(events), 0) from trips")
    }

    // SG8, SG9
    private func seats() async throws -> Report.Claim {
        let added = try await number(.inventory, "select count(*) from skald.events where type = 'seat.added'")
        let available = try await number(.inventory, "select count(*) from seats where status = 'available'")
        let held = try await number(.inventory, "select count(*) from seats where status = 'held'")
        let sold = try await number(.inventory, "select count(*) from seats where status = 'sold'")
        let twice = try await number(
            .inventory,
            "select count(*) from (select stream from skald.events where type = 'seat.sold' group by stream having count(*) > 1) as x"
        )
        return claim(
            "seats: \(available) available + \(held) held + \(sold) sold = \(added); \(twice) sold twice",
            available + held + sold == added && held == 0 && twice == 0,
            ["added": added, "available": available, "held": held, "sold": sold, "soldTwice": twice])
    }

    private func rooms() async throws -> Report.Claim {
        let rooms = try await number(.inventory, "select sum(rooms) from hotels")
        let held = try await number(.inventory, "select count(*) from rooms_taken where status = 'held'")
        let sold = try await number(.inventory, "select count(*) from rooms_taken where status = 'sold'")
        let over = try await number(
            .inventory,
            "select count(*) from hotels h where rooms < (select count(*) from rooms_taken t where t.hotel = h.hotel)")
        return claim(
            "rooms: \(rooms - held - sold) available + \(held) held + \(sold) sold = \(rooms); \(over) hotels overbooked",
            held == 0 && over == 0, ["rooms": rooms, "held": held, "sold": sold, "overbooked": over])
    }

    private func money() async throws -> Report.Claim {
        let captured = try await number(.payments, "select coalesce(sum(captured), 0) from ledger")
        let refunded = try await number(.payments, "select coalesce(sum(refunded), 0) from ledger")
        let confirmed = try await number(
            .orders, "select coalesce(sum(cents), 0) from trips where status = 'confirmed'")
        return claim(
            "money: \(captured.asMoney) captured - \(refunded.asMoney) refunded = \(confirmed.asMoney) of confirmed trips",
            captured - refunded == confirmed, ["captured": captured, "refunded": refunded, "confirmed": confirmed])
    }

    // PR2
    private func projections() async throws -> Report.Claim {
        let events = try await total("select count(*) from skald.events where stream not like '$%'")
        let projected = try await projected()
        return claim(
            "projections: \(events) domain events, \(projected) projected, each once", events == projected,
            ["events": events, "projected": projected])
    }

    // OB1, OB9
    private func news() async throws -> Report.Claim {
        let routed = try await total(
            "select count(*) from skald.events where type in ('seat.sold', 'room.sold', 'payment.captured')")
        let published = try await total("select count(*) from skald.outbox where type = 'booking.news'")
        let handled = try await number(.notifications, "select count(*) from news")
        return claim(
            "events: \(routed) routed, \(published) published, \(handled) handled after dedupe",
            routed == published && published == handled,
            ["routed": routed, "published": published, "handled": handled])
    }

    // OB1, OB3, OB9
    private func messages() async throws -> Report.Claim {
        let sent = try await total("select count(*) from skald.outbox")
        let handled = try await total("select count(*) from skald.inbox")
        let blocked = try await total("select count(*) from skald.outbox_blocked")
        return claim(
            "messages: \(sent) sent, \(handled) handled, \(blocked) stuck", sent == handled && blocked == 0,
            ["sent": sent, "handled": handled, "blocked": blocked])
    }

    // SG1, SG12
    private func sagas() async throws -> Report.Claim {
        let started = try await number(.orders, "select count(*) from skald.events where type = '$saga.started'")
        let completed = try await number(.orders, "select count(*) from skald.sagas where status = 'completed'")
        let compensated = try await number(.orders, "select count(*) from skald.sagas where status = 'compensated'")
        let confirmed = try await number(.orders, "select count(*) from trips where status = 'confirmed'")
        let mailed = try await number(.notifications, "select count(*) from mail")
        return claim(
            "sagas: \(started) started = \(completed) completed + \(compensated) compensated; \(mailed) confirmed by mail",
            started == completed + compensated && confirmed == completed && mailed == completed,
            [
                "started": started, "completed": completed, "compensated": compensated, "confirmed": confirmed,
                "mailed": mailed,
            ])
    }

    private func duplicates() async throws -> Report.Claim {
        let received = try await total("select coalesce(sum(times), 0) from deliveries")
        let once = try await total("select count(*) from deliveries")
        let handled = try await total("select count(*) from skald.inbox")
        return claim(
            "deliveries: \(received) received, \(received - once) duplicates, \(handled) handled once", once == handled,
            ["received": received, "duplicates": received - once, "handled": handled])
    }
}
