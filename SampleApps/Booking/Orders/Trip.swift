import Skald

/// What happens to a trip, as the customer sees it.
enum TripEvent: Event, Equatable {
    static let category: StreamCategory = "trip"
    case ordered(Itinerary)
    case confirmed
    /// It could not be booked.
    case calledOff
    /// The customer wants it cancelled, and the money back.
    case cancelling
    /// It could not be cancelled, and stays booked.
    case kept
    case cancelled
}

/// What a trip is made of, and who pays how much for it.
struct Itinerary: Codable, Sendable, Equatable {
    let seat: String, hotel: String?, cents: Int, customer: String
}

/// One trip: ordered, then confirmed or called off, and never both; only a confirmed one can be cancelled.
///
/// ```
///   unknown ──order──▸ ordered ──confirm──▸ confirmed ──begin cancelling──▸ cancelling ──cancel──▸ cancelled
///      └──call off──▸ called off ◂─┘            ▴───────────keep────────────────┘
/// ```
struct Trip: Decider {
    enum Command: Sendable {
        case order(Itinerary)
        case confirm
        case callOff
        case beginCancelling
        case keep
        case cancel
    }

    struct State: Sendable, Equatable {
        enum Phase: Sendable, Equatable { case unknown, ordered, confirmed, calledOff, cancelling, cancelled }
        var phase = Phase.unknown
        var itinerary: Itinerary?
    }

    let initialState = State()

    func decide(_ command: Command, in trip: State) throws(TripRefusal) -> [TripEvent] {
        switch (command, trip.phase) {
        case (.order(let itinerary), .unknown): return [.ordered(itinerary)]
        case (.order, .calledOff): throw .calledOff
        case (.order, _): return []

        case (.confirm, .ordered): return [.confirmed]
        // It may have been cancelled since, when this comes for the second time.
        case (.confirm, .confirmed), (.confirm, .cancelling), (.confirm, .cancelled): return []
        case (.confirm, .calledOff): throw .calledOff
        case (.confirm, .unknown): throw .unknown

        case (.callOff, .unknown), (.callOff, .ordered): return [.calledOff]
        case (.callOff, .calledOff): return []
        case (.callOff, _): throw .confirmed

        case (.beginCancelling, .confirmed): return [.cancelling]
        case (.beginCancelling, .cancelling), (.beginCancelling, .cancelled): return []
        case (.beginCancelling, .ordered): throw .notConfirmed
        case (.beginCancelling, .calledOff): throw .calledOff
        case (.beginCancelling, .unknown): throw .unknown

        case (.keep, .cancelling): return [.kept]
        case (.keep, .cancelled): throw .cancelled
        case (.keep, _): return []

        case (.cancel, .cancelling): return [.cancelled]
        case (.cancel, .cancelled): return []
        case (.cancel, _): throw .notCancelling
        }
    }

    func evolve(_ trip: inout State, with event: TripEvent) {
        switch event {
        case .ordered(let itinerary): trip = State(phase: .ordered, itinerary: itinerary)
        case .confirmed, .kept: trip.phase = .confirmed
        case .calledOff: trip.phase = .calledOff
        case .cancelling: trip.phase = .cancelling
        case .cancelled: trip.phase = .cancelled
        }
    }
}

/// Why a trip does not do as it is told.
enum TripRefusal: String, SagaRefusal {
    case unknown = "there is no such trip"
    case calledOff = "the trip was called off"
    case confirmed = "the trip is confirmed"
    case notConfirmed = "the trip is not confirmed yet"
    case notCancelling = "nobody wants the trip cancelled"
    case cancelled = "the trip was cancelled"

    var reason: String { rawValue }
}
