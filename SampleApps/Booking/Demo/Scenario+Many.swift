import Skald

extension Scenario {
    /// - Parameter crowd: so many trips.
    static func manyTrips(_ crowd: Int) -> Scenario {
        Scenario(id: "g", title: "\(crowd) trips at once, with random failures") { try await play(crowd, on: $0) }
    }

    private static func play(_ crowd: Int, on stage: Stage) async throws -> [String: Int] {
        for instance in stage.fleet.instances {
            try await stage.arm(
                [
                    Fault(kind: .lose, percent: 2, times: .max), Fault(kind: .forget, percent: 2, times: .max),
                    Fault(kind: .twice, percent: 2, times: .max),
                ], at: instance)
        }
        stage.narrator.note("every tenth is cancelled as soon as it is booked")
        stage.narrator.note("2 % of the messages are lost, 2 % not acknowledged, 2 % arrive twice")
        try await order(crowd, on: stage)
        var cancelled: Set<BookingID> = []
        var ended = (completed: 0, compensated: 0)
        var said = ContinuousClock.now
        try await stage.until("all trips and cancellations have ended", within: .seconds(90), every: .milliseconds(100))
        {
            ended = try await stage.crowd()
            // After counting, so that none that was booked last is left out.
            let regretted = try await stage.regretted()
            for booking in regretted.subtracting(cancelled) {
                try await stage.cancel(booking, at: 1 + cancelled.count % 2)
                cancelled.insert(booking)
            }
            if ContinuousClock.now - said > .seconds(2) {
                said = .now
                stage.narrator.line("…", "\(ended.completed + ended.compensated) of \(crowd) have ended", style: .dim)
            }
            return ended.completed + ended.compensated == crowd && regretted.isEmpty
        }
        for instance in stage.fleet.instances { try await stage.arm([], at: instance) }
        stage.narrator.line("✓", "\(ended.completed) completed, \(ended.compensated) compensated", style: .good)
        stage.narrator.line("✓", "\(cancelled.count) of those that completed were cancelled", style: .good)
        return ["completed": ended.completed, "compensated": ended.compensated, "cancelled": cancelled.count]
    }

    /// Some want the same seat, some have no money, some find the hotel full.
    private static func order(_ crowd: Int, on stage: Stage) async throws {
        let hotels = Demo.hotels.keys.filter { $0 != Demo.quietHotel }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...crowd {
                if number > 32 { try await group.next() }
                let order = Orders.Order.trip(
                    "trip-g\(number)", seat: Demo.crowdSeats.randomElement() ?? "2A",
                    hotel: Bool.random() ? hotels.randomElement() : nil,
                    limit: Int.random(in: 0..<10) == 0 ? 100 : 1_000_000)
                group.addTask { try await stage.order(order, at: 1 + number % 2) }
            }
            try await group.waitForAll()
        }
    }
}

extension Stage {
    /// How many of the crowd's trips have ended, and how.
    fileprivate func crowd() async throws -> (completed: Int, compensated: Int) {
        let row = try await database(.orders).query(
            """
            select count(*) filter (where status = 'completed'), count(*) filter (where status = 'compensated')
              from skald.sagas where name = \(BookTrip.name.rawValue) and id like 'trip-g%'
            """
        ).one()
        return (try row[0].decode(Int.self), try row[1].decode(Int.self))
    }

    /// Every tenth trip of the crowd, from when it is booked until it is cancelled.
    fileprivate func regretted() async throws -> Set<BookingID> {
        var bookings: Set<BookingID> = []
        for row in try await database(.orders).query(
            """
            select id from skald.sagas where name = \(BookTrip.name.rawValue) and id like 'trip-g%0' and status = 'completed' \
            except select id from skald.sagas where name = \(CancelTrip.name.rawValue) and status = 'completed'
            """)
        { bookings.insert(try row[0].decode(String.self)) }
        return bookings
    }
}
