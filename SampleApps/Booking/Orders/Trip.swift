import Skald

/// What happens to a trip, as the customer sees it.
enum TripEvent: Event, Equatable {
    static let category: StreamCategory = "trip"
    case ordered(cents: Int)
    case confirmed
    case cancelled
}

/// One trip: ordered, then confirmed or cancelled, and never both.
struct Trip: Decider {
    enum Command: Sendable {
        case order(cents: Int)
        case confirm
        case cancel
    }

    enum State: Sendable, Equatable { case unknown, ordered, confirmed, cancelled }

    let initialState = State.unknown

    func decide(_ command: Command, in trip: State) throws(TripRefusal) -> [TripEvent] {
        switch (command, trip) {
        case (.order(let cents), .unknown): return [.ordered(cents: cents)]
        case (.order, .cancelled): throw .cancelled
        case (.order, _): return []

        case (.confirm, .ordered): return [.confirmed]
        case (.confirm, .confirmed): return []
        case (.confirm, .cancelled): throw .cancelled
        case (.confirm, .unknown): throw .unknown

        case (.cancel, .unknown), (.cancel, .ordered): return [.cancelled]
        case (.cancel, .cancelled): return []
        case (.cancel, .confirmed): throw .confirmed
        }
    }

    func evolve(_ trip: inout State, with event: TripEvent) {
        switch event {
        case .ordered: trip = .ordered
        case .confirmed: trip = .confirmed
        case .cancelled: trip = .cancelled
        }
    }
}

/// Why a trip does not do as it is told.
enum TripRefusal: String, SagaRefusal {
    case unknown = "there is no such trip"
    case cancelled = "the trip was cancelled"
    case confirmed = "the trip is confirmed"

    var reason: String { rawValue }
}
