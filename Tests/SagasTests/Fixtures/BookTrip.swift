import Resilience
import Sagas

struct SeatHold: Codable, Equatable { let code: String }
struct RoomHold: Codable, Equatable { let room: Int }
struct Receipt: Codable, Equatable { let amount: Int }
struct Ticket: Codable, Equatable { let number: String }

struct HoldRoom: SagaCommand {
    typealias Reply = RoomHold
    let booking: String
}
struct ReleaseRoom: SagaCommand { let booking: String }

protocol Inventory: Sendable {
    func hold(_ seat: String, key: IdempotencyKey) async throws -> SeatHold
    func release(_ key: IdempotencyKey) async throws
}
protocol Payments: Sendable {
    func capture(_ price: Int, key: IdempotencyKey) async throws -> Receipt
}

/// The saga of the tests: a call, a command, a pivot, a pause, a retriable call.
struct BookTrip: Saga {
    static let name: SagaName = "book-trip"

    struct State: Codable, Equatable {
        let booking: String, seatNumber: String, price: Int, wantsRoom: Bool
        var seat: SeatHold?, room: RoomHold?, receipt: Receipt?, ticket: Ticket?
    }

    let inventory: any Inventory
    let payments: any Payments

    var steps: Steps {
        Compensatable("hold-seat", into: \.seat) { trip in
            try await inventory.hold(trip.seatNumber, key: trip.key)
        } undo: { trip, _ in
            try await inventory.release(trip.key)
        }
        .retry(.attempts(3, backoff: .constant(.seconds(1))))
        .retryUndo(.attempts(2, backoff: .constant(.seconds(5))))
        Compensatable("hold-room", to: "hotels", into: \.room) { trip in
            HoldRoom(booking: trip.booking)
        } undo: { trip, _ in
            ReleaseRoom(booking: trip.booking)
        }
        .within(.seconds(30)).when { $0.wantsRoom }
        Pivot("capture-payment", into: \.receipt) { trip in
            _ = try trip.seat
            return try await payments.capture(trip.price, key: trip.key)
        }
        .retry(.attempts(2, backoff: .constant(.seconds(2))))
        Wait("cool-off") { _ in .seconds(3) }
        Retriable("issue-ticket", into: \.ticket) { trip in
            Ticket(number: "T-\(trip.booking)-\(try trip.receipt.amount)")
        }
    }
}

extension BookTrip {
    static let input = State(booking: "b1", seatNumber: "A1", price: 90, wantsRoom: true)

    init() { self.init(inventory: Willing(), payments: Willing()) }

    private struct Willing: Inventory, Payments {
        func hold(_ seat: String, key: IdempotencyKey) async throws -> SeatHold { SeatHold(code: "\(seat) \(key)") }
        func release(_ key: IdempotencyKey) async throws {}
        func capture(_ price: Int, key: IdempotencyKey) async throws -> Receipt { Receipt(amount: price) }
    }
}
