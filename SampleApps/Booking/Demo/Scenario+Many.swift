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
        stage.narrator.note("2 % of the messages are lost, 2 % not acknowledged, 2 % arrive twice")
        try await order(crowd, on: stage)
        var ended = (completed: 0, compensated: 0)
        var said = ContinuousClock.now
        try await stage.until("all trips have ended", within: .seconds(90), every: .milliseconds(100)) {
            ended = try await stage.crowd()
            if ContinuousClock.now - said > .seconds(2) {
                said = .now
                stage.narrator.line("…", "\(ended.completed + ended.compensated) of \(crowd) have ended", style: .dim)
            }
            return ended.completed + ended.compensated == crowd
        }
        for instance in stage.fleet.instances { try await stage.arm([], at: instance) }
        stage.narrator.line("✓", "\(ended.completed) completed, \(ended.compensated) compensated", style: .good)
        return ["completed": ended.completed, "compensated": ended.compensated]
    }

    /// Some want the same seat, some have no money, some find the hotel full.
    private static func order(_ crowd: Int, on stage: Stage) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...crowd {
                if number > 32 { try await group.next() }
                let order = Orders.Order.trip(
                    "trip-g\(number)", seat: Demo.seats.randomElement() ?? "1A",
                    hotel: Bool.random() ? Demo.hotels.keys.randomElement() : nil,
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
              from skald.sagas where id like 'trip-g%'
            """
        ).one()
        return (try row[0].decode(Int.self), try row[1].decode(Int.self))
    }
}
