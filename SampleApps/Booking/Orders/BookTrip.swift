import Skald

/// Books a trip across four services: all of it, or nothing.
///
/// Up to the capture every step is undone, in reverse, if a later one fails. The capture decides. After it the trip only goes
/// forward: what is paid for is delivered.
struct BookTrip: Saga {
    static let name: SagaName = "book-trip"

    /// What is known at the start, and then what the steps have answered.
    struct State: Codable, Equatable {
        let booking: BookingID, seat: String, hotel: String?, cents: Int, card: Card
        var seatHold: SeatHold?, roomHold: RoomHold?, authorisation: Authorisation?, receipt: Receipt?
        var wantsRoom: Bool { hotel != nil }
        var itinerary: Itinerary { Itinerary(seat: seat, hotel: hotel, cents: cents, customer: card.holder) }
    }

    let trips: any EventStore

    var steps: Steps {
        Compensatable("open-trip") { trip in
            try await trips.execute(.order(trip.state.itinerary), by: Trip(), on: trip.booking)
        } undo: { trip in
            try await trips.execute(.callOff, by: Trip(), on: trip.booking)
        }
        Compensatable("hold-seat", to: "inventory", into: \.seatHold) { trip in
            HoldSeat(booking: trip.booking, seat: trip.seat)
        } undo: { trip, _ in
            ReleaseSeat(booking: trip.booking, seat: trip.seat)
        }
        Compensatable("hold-room", to: "inventory", into: \.roomHold) { trip in
            HoldRoom(booking: trip.booking, hotel: try trip.hotel)
        } undo: { trip, _ in
            ReleaseRoom(booking: trip.booking, hotel: try trip.hotel)
        }
        .when(\.wantsRoom)
        Compensatable("authorise-card", to: "payments", into: \.authorisation) { trip in
            AuthoriseCard(booking: trip.booking, cents: trip.cents, card: trip.card)
        } undo: { trip, _ in
            VoidAuthorisation(booking: trip.booking)
        }
        Pivot("capture-payment", to: "payments", into: \.receipt) { trip in
            CapturePayment(booking: trip.booking)
        }
        Retriable("sell-seat", to: "inventory") { trip in SellSeat(booking: trip.booking, seat: trip.seat) }
        Retriable("sell-room", to: "inventory") { trip in
            SellRoom(booking: trip.booking, hotel: try trip.hotel)
        }
        .when(\.wantsRoom)
        Retriable("confirm-trip") { trip in
            try await trips.execute(.confirm, by: Trip(), on: trip.booking)
        }
        Retriable("send-confirmation", to: "notifications") { trip in
            SendConfirmation(
                booking: trip.booking, to: trip.card.holder,
                text: "Seat \(trip.seat)\(trip.state.hotel.map { " and a room at \($0)" } ?? "") are yours.")
        }
    }
}
