import Skald

// The seats of a theatre, as the articles have them.

// docs: seat events
enum SeatEvent: Event, Equatable {
    static let category: StreamCategory = "seat"
    case held(by: String)
    case released
}
// docs: end

// docs: seat decider
struct Seat: Decider {
    enum Command: Sendable { case hold(by: String), release(by: String) }
    enum Refusal: Error { case taken }

    let initialState: String? = nil  // nobody holds it

    func decide(_ command: Command, in holder: String?) throws(Refusal) -> [SeatEvent] {
        switch command {
        case .hold(let guest):
            if holder == guest { return [] }
            guard holder == nil else { throw .taken }
            return [.held(by: guest)]
        case .release(let guest):
            return holder == guest ? [.released] : []
        }
    }

    func evolve(_ holder: inout String?, with event: SeatEvent) {
        switch event {
        case .held(let guest): holder = guest
        case .released: holder = nil
        }
    }
}
// docs: end
