import Skald

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What happens to a seat.
enum SeatEvent: Event, Equatable {
    static let category: StreamCategory = "seat"
    case added
    case held(booking: BookingID, until: Date)
    case expired(booking: BookingID)
    case released(booking: BookingID)
    case sold(booking: BookingID)
    case returned(booking: BookingID)
}

/// One seat, which is never sold to two at once.
///
/// ```
///   free ──hold──▸ held ──sell──▸ sold
///     ◂── release, or its time is up and somebody else wants it
///     ◂── return, once it is sold
/// ```
struct Seat: Decider {
    enum Command: Sendable {
        case add
        /// Deciders know no clock: the time comes with the command.
        case hold(BookingID, until: Date, now: Date)
        case release(BookingID)
        case sell(BookingID)
        case takeBack(BookingID)
    }

    struct State: Sendable, Equatable {
        enum Occupancy: Sendable, Equatable {
            case free
            case held(BookingID, until: Date)
            case sold(BookingID)
        }
        var exists = false
        var occupancy = Occupancy.free
        /// Bookings that gave the seat back, or that were called off before their hold arrived: they cannot come again.
        var released: Set<BookingID> = []
    }

    let initialState = State()

    func decide(_ command: Command, in seat: State) throws(SeatRefusal) -> [SeatEvent] {
        if case .add = command { return seat.exists ? [] : [.added] }
        guard seat.exists else { throw .unknown }
        switch (command, seat.occupancy) {
        case (.add, _): return []

        case (.hold(let booking, _, _), _) where seat.released.contains(booking): throw .calledOff
        case (.hold(let booking, _, _), .held(let holder, _)) where holder == booking: return []
        case (.hold(let booking, _, _), .sold(let owner)) where owner == booking: return []
        case (.hold(let booking, let until, _), .free): return [.held(booking: booking, until: until)]
        case (.hold(let booking, let until, let now), .held(let holder, let end)) where end <= now:
            return [.expired(booking: holder), .held(booking: booking, until: until)]
        case (.hold, _): throw .taken

        case (.release(let booking), .sold(let owner)) where owner == booking: throw .sold
        // Also of a seat that it does not hold: the undo may have overtaken its hold, which is refused when it comes.
        case (.release(let booking), _): return seat.released.contains(booking) ? [] : [.released(booking: booking)]

        case (.sell(let booking), .held(let holder, _)) where holder == booking: return [.sold(booking: booking)]
        case (.sell(let booking), .sold(let owner)) where owner == booking: return []
        case (.sell, _): throw .notHeld

        case (.takeBack(let booking), .sold(let owner)) where owner == booking: return [.returned(booking: booking)]
        case (.takeBack(let booking), _) where seat.released.contains(booking): return []
        case (.takeBack, _): throw .notSold
        }
    }

    func evolve(_ seat: inout State, with event: SeatEvent) {
        switch event {
        case .added: seat.exists = true
        case .held(let booking, let until): seat.occupancy = .held(booking, until: until)
        case .expired: seat.occupancy = .free
        case .released(let booking):
            seat.released.insert(booking)
            if case .held(let holder, _) = seat.occupancy, holder == booking { seat.occupancy = .free }
        case .sold(let booking): seat.occupancy = .sold(booking)
        case .returned(let booking):
            seat.released.insert(booking)
            seat.occupancy = .free
        }
    }
}

/// Why a seat does not do as it is told.
enum SeatRefusal: String, SagaRefusal {
    case unknown = "there is no such seat"
    case taken = "the seat is taken"
    case sold = "the seat is sold"
    case notHeld = "the seat is not held for this booking"
    case notSold = "the seat was not sold to this booking"
    case calledOff = "the booking was called off"

    var reason: String { rawValue }
}
