import Logging
import Skald
import SkaldTesting
import Synchronization
import Testing

@Suite(.testDatabase(.skald)) struct SagaExamples {
    @Test func `a saga completes, and one whose card is declined gives its seat back`() async throws {
        let theatre = Theatre()
        let (inventory, payments, logger) = (theatre, theatre, Logger.silent)
        try await TestDatabase.current.withStore { store in
            // docs: worker
            let sagas = Sagas(store, logger: logger)
            let worker = try SagaWorker(
                sagas, running: [BookSeat(inventory: inventory, payments: payments)], logger: logger)
            // docs: end
            try await running(worker) {
                // docs: start
                try await sagas.start(BookSeat.self, id: "4711", with: .init(guest: "Ann", seat: "A1", price: 90))
                // docs: end
                try await sagas.start(BookSeat.self, id: "4712", with: .init(guest: "Bob", seat: "A2", price: 900))
                for id in ["4711", "4712"] as [SagaID] {
                    try await eventually("saga \(id) ends") {
                        let status = try await sagas.status(of: BookSeat.name, id: id)?.status
                        return status == .completed || status == .compensated
                    }
                }
            }
            // docs: look
            if let saga = try await sagas.status(of: BookSeat.name, id: "4712") {
                print(saga.status, saga.reason ?? "")  // where it stands, and why it turned back
            }
            for fact in try await sagas.history(of: BookSeat.name, id: "4712") {
                print(fact.recordedAt, fact.event)
            }
            // docs: end
            let completed = try await sagas.status(of: BookSeat.name, id: "4711")
            let compensated = try await sagas.status(of: BookSeat.name, id: "4712")
            #expect(completed?.status == .completed)
            #expect(compensated?.status == .compensated)
            #expect(compensated?.reason?.contains("declined") == true)
        }
        #expect(theatre.held == ["book-seat/4711/hold-seat"])
    }

    @Test func `the saga of the article is drawn`() throws {
        let (inventory, payments) = (Theatre(), Theatre())
        // docs: diagram
        let saga = BookSeat(inventory: inventory, payments: payments)
        print(try saga.mermaid())
        // docs: end
        let drawn = try saga.mermaid()
        #expect(drawn.contains("undo hold-seat") && drawn.contains("capture-payment<br/>pivot"))
    }

    /// Both participants, in memory. Cards pay up to 100.
    private final class Theatre: Inventory, Payments {
        private let holds = Mutex<Set<String>>([])
        var held: Set<String> { holds.withLock { $0 } }

        func hold(_ seat: String, for guest: String, key: IdempotencyKey) async throws -> SeatHold {
            _ = holds.withLock { $0.insert(key.rawValue) }
            return SeatHold(seat: seat)
        }

        func release(_ key: IdempotencyKey) async throws {
            _ = holds.withLock { $0.remove(key.rawValue) }
        }

        func capture(_ price: Int, key: IdempotencyKey) async throws -> Receipt {
            guard price <= 100 else { throw Refused("the card was declined") }
            return Receipt(amount: price)
        }
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
