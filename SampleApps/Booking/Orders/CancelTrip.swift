import Skald

/// Cancels a confirmed trip: the money goes back, and then seat and room.
///
/// The refund decides. If it is refused the trip stays booked; once the money is on its way, seat and room are taken back
/// whatever happens, and may be sold again.
struct CancelTrip: Saga {
    static let name: SagaName = "cancel-trip"

    /// What was booked, and then what was paid back.
    struct State: Codable, Equatable {
        let booking: BookingID, trip: Itinerary
        var refund: Refund?
        var hasRoom: Bool { trip.hotel != nil }
    }

    let trips: any EventStore

    var steps: Steps {
        Compensatable("begin-cancelling") { cancellation in
            try await trips.execute(.beginCancelling, by: Trip(), on: cancellation.booking)
        } undo: { cancellation in
            try await trips.execute(.keep, by: Trip(), on: cancellation.booking)
        }
        Pivot("refund-payment", to: "payments", into: \.refund) { cancellation in
            RefundPayment(booking: cancellation.booking)
        }
        Retriable("return-seat", to: "inventory") { cancellation in
            ReturnSeat(booking: cancellation.booking, seat: cancellation.trip.seat)
        }
        Retriable("return-room", to: "inventory") { cancellation in
            ReturnRoom(booking: cancellation.booking, hotel: cancellation.trip.hotel ?? "")
        }
        .when(\.hasRoom)
        Retriable("cancel-trip") { cancellation in
            try await trips.execute(.cancel, by: Trip(), on: cancellation.booking)
        }
        Retriable("send-cancellation", to: "notifications") { cancellation in
            SendCancellation(
                booking: cancellation.booking, to: cancellation.trip.customer,
                text: "Your trip is cancelled, and \(try cancellation.refund.cents.asMoney) are paid back.")
        }
    }
}
