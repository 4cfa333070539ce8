import Skald

/// One thing that can happen to a trip, and what must come of it.
struct Scenario: Sendable {
    let id: String
    let title: String
    /// Plays it; throws where what must come of it did not. Returns figures for the report.
    let play: @Sendable (Stage) async throws -> [String: Int]

    /// - Parameter crowd: how many trips are booked at once in (g).
    static func all(crowd: Int) -> [Scenario] {
        [success, declined, inventoryKilled, ordersKilled, repliesLost, lastSeat, manyTrips(crowd), cancelled]
    }
}

extension Scenario {
    static let success = Scenario(id: "a", title: "A trip that succeeds") { stage in
        try await stage.order(.trip("trip-a", seat: "1A", hotel: "Astoria"))
        try await stage.expect(.completed, of: "trip-a")
        return [:]
    }

    static let declined = Scenario(id: "b", title: "The card is declined after seat and room are held") { stage in
        try await stage.order(.trip("trip-b", seat: "1B", hotel: "Astoria", limit: 100))
        let history = try await stage.expect(.compensated, of: "trip-b")
        let undone = history.compactMap { if case .stepUndone(let step, _) = $0 { step.rawValue } else { nil } }
        guard undone == ["hold-room", "hold-seat", "open-trip"] else {
            throw DemoError("not undone in reverse, but as \(undone)")
        }
        return ["undone": undone.count]
    }

    static let inventoryKilled = Scenario(
        id: "c", title: "inventory is killed (kill -9) while it handles a command"
    ) { stage in
        let inventory = stage.instance(.inventory)
        let pid = await stage.fleet.pid(of: inventory)
        try await stage.arm([Fault(kind: .crash, type: HoldSeat.messageType)], at: inventory)
        try await stage.order(.trip("trip-c", seat: "1C", hotel: "Astoria"))
        let end = try await stage.fleet.waitForEnd(of: inventory)
        stage.narrator.line("✗", "inventory (pid \(pid)) is dead: \(end), in the middle of hold-seat", style: .bad)
        try await stage.start([inventory])
        stage.narrator.line("✓", "inventory is back (pid \(await stage.fleet.pid(of: inventory)))", style: .good)
        try await stage.expect(.completed, of: "trip-c")
        return ["killed": 1]
    }

    static let ordersKilled = Scenario(
        id: "d", title: "orders, which runs the saga, is killed between two steps"
    ) { stage in
        let orders = stage.instance(.orders)
        let pid = await stage.fleet.pid(of: orders)
        let booking = try await stage.booking(runBy: pid, named: "trip-d")
        try await stage.arm([Fault(kind: .crash, type: HoldSeat.messageType + ".reply")], at: orders)
        try await stage.order(.trip(booking, seat: "1D", hotel: "Astoria"))
        let end = try await stage.fleet.waitForEnd(of: orders)
        stage.narrator.line("✗", "orders-1 (pid \(pid)) is dead: \(end), after hold-seat", style: .bad)
        try await stage.expect(.completed, of: booking)
        let owner = try await stage.owner(of: booking)
        guard owner == (await stage.fleet.pid(of: stage.instance(.orders, 2))) else {
            throw DemoError("the saga was not taken over by orders-2, but by the process \(owner)")
        }
        stage.narrator.line("✓", "orders-2 (pid \(owner)) took it over when the lease had ended", style: .good)
        try await stage.start([orders])
        stage.narrator.line("✓", "orders-1 is back (pid \(await stage.fleet.pid(of: orders)))", style: .good)
        return ["killed": 1]
    }

    static let repliesLost = Scenario(id: "e", title: "A reply is lost, and another is delivered twice") { stage in
        let before = try await stage.duplicates()
        for number in [1, 2] {
            try await stage.arm(
                [
                    Fault(kind: .lose, type: HoldSeat.messageType + ".reply"),
                    Fault(kind: .forget, type: AuthoriseCard.messageType + ".reply"),
                ], at: stage.instance(.orders, number))
        }
        try await stage.arm([Fault(kind: .twice, type: SellSeat.messageType)], at: stage.instance(.inventory))
        try await stage.order(.trip("trip-e", seat: "1E", hotel: "Astoria"))
        try await stage.expect(.completed, of: "trip-e")
        let after = try await stage.duplicates()
        guard after >= before + 2 else { throw DemoError("nothing was delivered twice") }
        stage.narrator.line("✓", "\(after - before) duplicates were received, and had no effect", style: .good)
        return ["duplicates": after - before]
    }

    static let lastSeat = Scenario(id: "f", title: "Two customers race for the last seat") { stage in
        async let first: Void = stage.order(.trip("trip-f1", seat: "1F"), at: 1)
        async let second: Void = stage.order(.trip("trip-f2", seat: "1F"), at: 2)
        _ = try await (first, second)
        var won: [BookingID] = []
        for booking in ["trip-f1", "trip-f2"] {
            let end = try await stage.end(of: booking)
            if end == .completed { won.append(booking) }
            stage.narrator.line(
                end == .completed ? "✓" : "↩",
                "\(booking): \(end == .completed ? "has the seat" : "the seat is taken; compensated")")
        }
        guard won.count == 1 else { throw DemoError("\(won.count) customers have the seat") }
        return ["won": won.count]
    }
}

extension Orders.Order {
    /// A trip of the demo, whose customer has enough money unless said otherwise.
    static func trip(_ booking: BookingID, seat: String, hotel: String? = nil, limit: Int = 1_000_000) -> Orders.Order {
        Orders.Order(
            booking: booking, seat: seat, hotel: hotel, cents: hotel == nil ? 12_000 : 30_000,
            card: Card(holder: "\(booking)@example.org", limitCents: limit))
    }
}
