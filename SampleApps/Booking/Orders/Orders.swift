import Hummingbird
import Logging
import Skald

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Takes orders for trips, and runs the sagas that book and cancel them.
struct Orders: Sendable {
    /// What a customer asks for.
    struct Order: Codable, Sendable {
        var booking: BookingID?
        let seat: String
        var hotel: String?
        let cents: Int
        let card: Card
    }

    /// How a trip stands.
    struct Status: ResponseCodable, Sendable {
        let booking: BookingID
        var status: String
        var step: String?
        var reason: String?
    }

    let host: ServiceHost
    private let worker: SagaWorker
    private let replies: SagaReplies
    var sagas: Sagas { worker.sagas }

    init(_ host: ServiceHost) throws {
        self.host = host
        var configuration = SagaWorker.Configuration()
        configuration.replyTo = ServiceName.orders.rawValue
        configuration.leases = host.options.leases
        worker = try SagaWorker(
            host.store, running: [BookTrip(trips: host.store), CancelTrip(trips: host.store)],
            configuration: configuration, logger: host.logger)
        replies = SagaReplies(worker.sagas)
    }

    func run() async throws {
        try await host.run(receive: { try await receive($0) }, projections: [TripList()], services: [worker]) {
            router in
            router.post("/trips") { request, context in
                let status = try await book(request.decode(as: Order.self, context: context))
                return EditedResponse(status: .accepted, response: status)
            }
            router.get("/trips/{booking}") { _, context in
                let booking = try context.parameters.require("booking")
                guard let status = try await status(of: booking) else { throw HTTPError.noTrip(booking) }
                return status
            }
            router.post("/trips/{booking}/cancel") { _, context in
                let status = try await cancel(try context.parameters.require("booking"))
                return EditedResponse(status: .accepted, response: status)
            }
        }
    }

    /// When this returns the order is durable, and will be fulfilled or called off whatever becomes of this process.
    private func book(_ order: Order) async throws -> Status {
        let booking = order.booking ?? UUID().uuidString.lowercased()
        do {
            try await sagas.start(
                BookTrip.self, id: SagaID(rawValue: booking),
                with: .init(
                    booking: booking, seat: order.seat, hotel: order.hotel, cents: order.cents, card: order.card))
        } catch let error as SagaError where error.code == .idTaken {
            throw HTTPError(
                .conflict,
                message:
                    "The booking '\(booking)' is of another trip. Send another booking, or none to have one chosen.")
        } catch let error as SagaError where error.code == .invalidArgument {
            throw HTTPError(.badRequest, message: error.message)
        }
        return Status(booking: booking, status: "ordered")
    }

    /// What comes back from the other services are replies to the saga.
    private func receive(_ event: ReceivedEvent) async throws {
        Fault.mayCrash()
        try await replies.receive(event)
        try await host.store.transaction { try await $0.countDelivery(of: event) }
    }
}
