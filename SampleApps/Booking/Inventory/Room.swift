import Skald

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What happens to the rooms of a hotel.
enum RoomEvent: Event, Equatable {
    static let category: StreamCategory = "room"
    case opened(rooms: Int)
    case held(booking: BookingID, until: Date)
    case expired(booking: BookingID)
    case released(booking: BookingID)
    case sold(booking: BookingID)
    case returned(booking: BookingID)
}

/// The rooms of one hotel: all alike, and never more of them given away than there are.
struct Room: Decider {
    enum Command: Sendable {
        case open(rooms: Int)
        case hold(BookingID, until: Date, now: Date)
        case release(BookingID)
        case sell(BookingID)
        case takeBack(BookingID)
    }

    struct State: Sendable, Equatable {
        var rooms = 0
        var held: [BookingID: Date] = [:]
        var sold: Set<BookingID> = []
        var released: Set<BookingID> = []
        var available: Int { rooms - held.count - sold.count }
    }

    let initialState = State()

    func decide(_ command: Command, in hotel: State) throws(RoomRefusal) -> [RoomEvent] {
        switch command {
        case .open(let rooms):
            return hotel.rooms == 0 ? [.opened(rooms: rooms)] : []

        case .hold(let booking, let until, let now):
            if hotel.released.contains(booking) { throw .calledOff }
            if hotel.held[booking] != nil || hotel.sold.contains(booking) { return [] }
            let held = RoomEvent.held(booking: booking, until: until)
            if hotel.available > 0 { return [held] }
            // The longest overdue hold makes room; only now, so that a hold is as good as its time while nobody minds.
            guard let oldest = hotel.held.min(by: { $0.value < $1.value }), oldest.value <= now else { throw .full }
            return [.expired(booking: oldest.key), held]

        case .release(let booking):
            if hotel.sold.contains(booking) { throw .sold }
            return hotel.released.contains(booking) ? [] : [.released(booking: booking)]

        case .sell(let booking):
            if hotel.sold.contains(booking) { return [] }
            guard hotel.held[booking] != nil else { throw .notHeld }
            return [.sold(booking: booking)]

        case .takeBack(let booking):
            if hotel.sold.contains(booking) { return [.returned(booking: booking)] }
            guard hotel.released.contains(booking) else { throw .notSold }
            return []
        }
    }

    func evolve(_ hotel: inout State, with event: RoomEvent) {
        switch event {
        case .opened(let rooms): hotel.rooms = rooms
        case .held(let booking, let until): hotel.held[booking] = until
        case .expired(let booking): hotel.held[booking] = nil
        case .released(let booking):
            hotel.held[booking] = nil
            hotel.released.insert(booking)
        case .sold(let booking):
            hotel.held[booking] = nil
            hotel.sold.insert(booking)
        case .returned(let booking):
            hotel.sold.remove(booking)
            hotel.released.insert(booking)
        }
    }
}

/// Why a hotel does not do as it is told.
enum RoomRefusal: String, SagaRefusal {
    case full = "the hotel is full"
    case sold = "the room is sold"
    case notHeld = "no room is held for this booking"
    case notSold = "no room was sold to this booking"
    case calledOff = "the booking was called off"

    var reason: String { rawValue }
}
