import Hummingbird
import Skald

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What there is to sell: given once, at the beginning.
struct Stock: Sendable {
    struct Request: Codable, Sendable {
        /// The seats, by name.
        var seats: [String] = []
        /// The hotels, by name, and how many rooms each has.
        var hotels: [String: Int] = [:]
    }

    /// How a seat stands, for those who ask.
    struct SeatStatus: ResponseCodable, Sendable, Equatable {
        let seat: String, status: String
        var booking: BookingID?
        var until: Date?

        init(seat: String, _ occupancy: Seat.State.Occupancy) {
            self.seat = seat
            switch occupancy {
            case .free: status = "free"
            case .held(let booking, let until):
                status = "held"
                self.booking = booking
                self.until = until
            case .sold(let booking):
                status = "sold"
                self.booking = booking
            }
        }
    }

    let store: PostgresEventStore

    func addRoutes(to router: Router<BasicRequestContext>) {
        router.post("/stock") { request, context in
            try await add(request.decode(as: Request.self, context: context))
            return HTTPResponse.Status.created
        }
        router.get("/seats/{seat}") { _, context in
            let name = try context.parameters.require("seat")
            let seat = try await store.load(Seat(), on: name).state
            guard seat.exists else { throw HTTPError(.notFound, message: "There is no seat '\(name)'.") }
            return SeatStatus(seat: name, seat.occupancy)
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
