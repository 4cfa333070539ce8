import EventSourcing
import Foundation

/// The decider of API.md: a seat is held by one booking at a time.
struct Seat: Decider {
    enum Command: Sendable {
        case hold(String, until: Date)
        case release(String)
    }
    struct State: Sendable, Equatable {
        var holder: String?
    }
    enum SeatError: Error, Equatable { case taken, notYours }

    let initialState = State()

    func decide(_ command: Command, in state: State) throws(SeatError) -> [SeatEvent] {
        switch command {
        case .hold(let booking, _) where state.holder == booking: return []
        case .hold(let booking, let until):
            if state.holder != nil { throw .taken }
            return [.held(booking: booking, until: until)]
        case .release(let booking):
            if state.holder != booking { throw .notYours }
            return [.released(booking: booking)]
        }
    }

    func evolve(_ state: inout State, with event: SeatEvent) {
        switch event {
        case .held(let booking, _): state.holder = booking
        case .released: state.holder = nil
        case .moved, .closed: break
        }
    }
}
