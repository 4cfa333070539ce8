import Hummingbird
import Skald

extension Orders {
    /// How a trip stands: how far its booking is, or its cancellation once there is one.
    func status(of booking: BookingID) async throws -> Status? {
        guard let booked = try await sagas.status(of: BookTrip.name, id: SagaID(rawValue: booking)) else { return nil }
        guard let cancellation = try await sagas.status(of: CancelTrip.name, id: SagaID(rawValue: booking)) else {
            return Status(booking: booking, booked)
        }
        var status = Status(booking: booking, cancellation)
        switch cancellation.status {
        case .completed: status.status = "cancelled"
        case .compensated: status.status = booked.status.rawValue
        case .running, .waiting, .needsAttention: status.status = "cancelling"
        }
        return status
    }

    /// When this returns it is durable that the trip will be cancelled. Asking again changes nothing.
    func cancel(_ booking: BookingID) async throws -> Status {
        guard try await sagas.status(of: BookTrip.name, id: SagaID(rawValue: booking)) != nil else {
            throw HTTPError.noTrip(booking)
        }
        let trip = try await host.store.load(Trip(), on: booking).state
        guard let itinerary = trip.itinerary, trip.phase != .ordered, trip.phase != .calledOff else {
            let message =
                trip.phase == .calledOff
                ? "The trip '\(booking)' was called off: there is nothing to cancel."
                : "The trip '\(booking)' is still being booked. Wait until its status is 'completed', then cancel it."
            throw HTTPError(.conflict, message: message)
        }
        try await sagas.start(
            CancelTrip.self, id: SagaID(rawValue: booking), with: .init(booking: booking, trip: itinerary))
        let cancellation = try await sagas.status(of: CancelTrip.name, id: SagaID(rawValue: booking))
        if let cancellation, cancellation.status == .compensated {
            let reason = cancellation.state.failure ?? "the refund was refused"
            throw HTTPError(
                .conflict, message: "The trip '\(booking)' could not be cancelled and stays booked: \(reason).")
        }
        return try await status(of: booking) ?? Status(booking: booking, status: "cancelling")
    }
}

extension Orders.Status {
    init(booking: BookingID, _ saga: SagaStatus) {
        self.init(
            booking: booking, status: saga.status.rawValue, step: saga.step?.rawValue,
            reason: saga.state.failure ?? saga.reason)
    }
}

extension HTTPError {
    static func noTrip(_ booking: BookingID) -> HTTPError {
        HTTPError(.notFound, message: "There is no trip '\(booking)'.")
    }
}
