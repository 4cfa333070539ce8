import Skald

extension Scenario {
    static let cancelled = Scenario(id: "h", title: "A booked trip is cancelled, and the customer asks for it twice") {
        stage in
        let seat = "1B"
        try await stage.order(.trip("trip-h1", seat: seat, hotel: Demo.quietHotel))
        guard try await stage.end(of: "trip-h1") == .completed else { throw DemoError("trip-h1 was not booked") }
        stage.narrator.line("✓", "trip-h1 is booked, and paid", style: .good)
        try await stage.arm([Fault(kind: .crash, type: RefundPayment.messageType)], at: stage.instance(.payments))
        async let first: Void = stage.cancel("trip-h1", at: 1)
        async let second: Void = stage.cancel("trip-h1", at: 2)
        _ = try await (first, second)
        let end = try await stage.fleet.waitForEnd(of: stage.instance(.payments))
        stage.narrator.line("✗", "payments is dead: \(end), in the middle of refund-payment", style: .bad)
        try await stage.start([stage.instance(.payments)])
        try await stage.expect(.completed, of: "trip-h1", in: CancelTrip.name)
        let refunds = try await stage.database(.payments).number(
            "select count(*) from skald.events where stream = 'payment-trip-h1' and type = 'payment.refunded'")
        guard refunds == 1 else { throw DemoError("the money was paid back \(refunds) times") }
        try await stage.order(.trip("trip-h2", seat: seat, hotel: Demo.quietHotel))
        guard try await stage.end(of: "trip-h2") == .completed else { throw DemoError("the seat was not free again") }
        stage.narrator.line("✓", "paid back once; seat \(seat) is sold again, to trip-h2", style: .good)
        return ["refunds": refunds]
    }
}
