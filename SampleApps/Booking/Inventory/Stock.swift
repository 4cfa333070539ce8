import Hummingbird
import Skald

/// What there is to sell: given once, at the beginning.
struct Stock: Sendable {
    struct Request: Codable, Sendable {
        /// The seats, by name.
        var seats: [String] = []
        /// The hotels, by name, and how many rooms each has.
        var hotels: [String: Int] = [:]
    }

    let store: PostgresEventStore

    func addRoutes(to router: Router<BasicRequestContext>) {
        router.post("/stock") { request, context in
            try await add(request.decode(as: Request.self, context: context))
            return HTTPResponse.Status.created
        }
        router.get("/seats/{seat}") { _, context in
            let seat = try await store.load(Seat(), on: context.parameters.require("seat")).state
            guard seat.exists else { throw HTTPError(.notFound) }
            return "\(seat.occupancy)\n"
        }
    }

    /// All at once: the store gathers them into a few commits.
    private func add(_ stock: Request) async throws {
        try await withThrowingTaskGroup { group in
            for seat in stock.seats { group.addTask { _ = try await store.execute(.add, by: Seat(), on: seat) } }
            for (hotel, rooms) in stock.hotels {
                group.addTask { _ = try await store.execute(.open(rooms: rooms), by: Room(), on: hotel) }
            }
            try await group.waitForAll()
        }
    }
}
