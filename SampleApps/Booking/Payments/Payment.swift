import Skald

/// What happens to the payment of a booking. Money is in cents.
enum PaymentEvent: Event, Equatable {
    static let category: StreamCategory = "payment"
    case authorised(cents: Int)
    case declined(cents: Int)
    case captured(cents: Int)
    case voided
    case refunded(cents: Int)
}

/// The payment of one booking: what is captured was authorised, and what is given back was captured.
///
/// ```
///   open ──authorise──▸ authorised ──capture──▸ captured ──refund──▸ refunded
///     └──▸ declined        └──void──▸ voided
/// ```
struct Payment: Decider {
    enum Command: Sendable {
        case authorise(cents: Int, limitCents: Int)
        case capture
        case void
        case refund
    }

    enum State: Sendable, Equatable {
        case open, declined, voided
        case authorised(cents: Int)
        case captured(cents: Int)
        case refunded(cents: Int)
    }

    let initialState = State.open

    func decide(_ command: Command, in payment: State) throws(PaymentRefusal) -> [PaymentEvent] {
        switch (command, payment) {
        case (.authorise(let cents, _), _) where cents <= 0: throw .notAnAmount
        case (.authorise(let cents, let limit), .open):
            return cents <= limit ? [.authorised(cents: cents)] : [.declined(cents: cents)]
        case (.authorise(let cents, _), .authorised(let before)) where before == cents: return []
        case (.authorise(let cents, _), .captured(let before)) where before == cents: return []
        case (.authorise, .declined): return []
        case (.authorise, .voided): throw .calledOff
        case (.authorise, _): throw .otherAmount

        case (.capture, .authorised(let cents)): return [.captured(cents: cents)]
        case (.capture, .captured), (.capture, .refunded): return []
        case (.capture, _): throw .notAuthorised

        // Also where nothing was authorised: the undo may have overtaken its authorisation, which is refused when it comes.
        case (.void, .open), (.void, .authorised): return [.voided]
        case (.void, .voided), (.void, .declined): return []
        case (.void, _): throw .captured

        case (.refund, .captured(let cents)): return [.refunded(cents: cents)]
        case (.refund, .refunded): return []
        case (.refund, _): throw .notCaptured
        }
    }

    func evolve(_ payment: inout State, with event: PaymentEvent) {
        switch event {
        case .authorised(let cents): payment = .authorised(cents: cents)
        case .declined: payment = .declined
        case .captured(let cents): payment = .captured(cents: cents)
        case .voided: payment = .voided
        case .refunded(let cents): payment = .refunded(cents: cents)
        }
    }
}

/// Why a payment does not do as it is told.
enum PaymentRefusal: String, SagaRefusal {
    case declined = "the card was declined"
    case notAnAmount = "an amount is more than nothing"
    case otherAmount = "another amount was authorised for this booking"
    case calledOff = "the booking was called off"
    case notAuthorised = "nothing is authorised for this booking"
    case captured = "the money was captured: refund it"
    case notCaptured = "nothing was captured for this booking"

    var reason: String { rawValue }
}
