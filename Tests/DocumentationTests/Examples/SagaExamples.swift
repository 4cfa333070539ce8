import Skald
import Testing

@Suite struct SagaExamples {
    @Test func `the saga of the article can be registered and drawn`() throws {
        let (inventory, payments) = (Theatre(), Theatre())
        // docs: diagram
        let saga = BookSeat(inventory: inventory, payments: payments)
        print(try saga.mermaid())
        // docs: end
        let drawn = try saga.mermaid()
        #expect(drawn.contains("undo hold-seat") && drawn.contains("capture-payment<br/>pivot"))
    }

    private struct Theatre: Inventory, Payments {
        func hold(_ seat: String, for guest: String, key: IdempotencyKey) async throws -> SeatHold {
            SeatHold(seat: seat)
        }
        func release(_ key: IdempotencyKey) async throws {}
        func capture(_ price: Int, key: IdempotencyKey) async throws -> Receipt { Receipt(amount: price) }
    }
}

// docs: saga
struct BookSeat: Saga {
    static let name: SagaName = "book-seat"
    struct State: Codable {  // the input and the results: journalled, and shown to operators
        let guest: String, seat: String, price: Int
        var hold: SeatHold?, receipt: Receipt?, ticket: Ticket?
    }
    let inventory: any Inventory, payments: any Payments

    var steps: Steps {
        Compensatable("hold-seat", into: \.hold) { trip in
            try await inventory.hold(trip.seat, for: trip.guest, key: trip.key)
        } undo: { trip, _ in
            try await inventory.release(trip.key)  // the same key as the action's
        }
        Pivot("capture-payment", into: \.receipt) { trip in
            try await payments.capture(trip.price, key: trip.key)
        }
        Retriable("issue-ticket", into: \.ticket) { trip in
            Ticket(number: "\(trip.seat)-\(try trip.receipt.amount)")
        }
    }
}
// docs: end

// docs: participants
protocol Inventory: Sendable {
    func hold(_ seat: String, for guest: String, key: IdempotencyKey) async throws -> SeatHold
    func release(_ key: IdempotencyKey) async throws
}
// docs: end

protocol Payments: Sendable {
    func capture(_ price: Int, key: IdempotencyKey) async throws -> Receipt
}
struct SeatHold: Codable, Equatable { let seat: String }
struct Receipt: Codable, Equatable { let amount: Int }
struct Ticket: Codable, Equatable { let number: String }
