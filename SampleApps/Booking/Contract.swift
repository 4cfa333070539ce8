import Skald

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

// What the services say to each other: the whole contract, in one file. Nothing else of one service is known to another.
//
//   orders ──commands──▶ inventory, payments, notifications
//   orders ◀──replies─── inventory, payments, notifications
//          notifications ◀──events── inventory, payments
//
// Everything travels as CloudEvents over HTTP, from the sender's outbox to the receiver's inbox. Money is in cents.

typealias BookingID = String

/// The services: each a process of its own with a database of its own.
enum ServiceName: String, CaseIterable, Codable, Sendable {
    case orders, inventory, payments, notifications

    /// Whom a service sends messages to; the name of the receiver is the topic.
    var sendsTo: [ServiceName] {
        switch self {
        case .orders: [.inventory, .payments, .notifications]
        case .inventory, .payments: [.orders, .notifications]
        case .notifications: [.orders]
        }
    }
}

// MARK: Commands to inventory

struct HoldSeat: SagaCommand {
    typealias Reply = SeatHold
    let booking: BookingID, seat: String
}
struct ReleaseSeat: SagaCommand { let booking: BookingID, seat: String }
struct SellSeat: SagaCommand { let booking: BookingID, seat: String }
struct ReturnSeat: SagaCommand { let booking: BookingID, seat: String }
struct SeatHold: Codable, Sendable, Equatable { let seat: String, until: Date }

struct HoldRoom: SagaCommand {
    typealias Reply = RoomHold
    let booking: BookingID, hotel: String
}
struct ReleaseRoom: SagaCommand { let booking: BookingID, hotel: String }
struct SellRoom: SagaCommand { let booking: BookingID, hotel: String }
struct ReturnRoom: SagaCommand { let booking: BookingID, hotel: String }
struct RoomHold: Codable, Sendable, Equatable { let hotel: String, until: Date }

// MARK: Commands to payments

struct AuthoriseCard: SagaCommand {
    typealias Reply = Authorisation
    let booking: BookingID, cents: Int, card: Card
}
struct VoidAuthorisation: SagaCommand { let booking: BookingID }
struct CapturePayment: SagaCommand {
    typealias Reply = Receipt
    let booking: BookingID
}
struct RefundPayment: SagaCommand {
    typealias Reply = Refund
    let booking: BookingID
}
struct Authorisation: Codable, Sendable, Equatable { let cents: Int }
struct Receipt: Codable, Sendable, Equatable { let cents: Int }
struct Refund: Codable, Sendable, Equatable { let cents: Int }

/// A card as the sample's bank knows it: whoever has it may spend this much at once.
struct Card: Codable, Sendable, Equatable { let holder: String, limitCents: Int }

// MARK: Commands to notifications

struct SendConfirmation: SagaCommand { let booking: BookingID, to: String, text: String }
struct SendCancellation: SagaCommand { let booking: BookingID, to: String, text: String }

// MARK: Events, for whoever wants to know

/// What has happened to a booking for good: published by inventory and payments, and listened to by notifications.
struct BookingNews: Codable, Sendable, Equatable {
    let booking: BookingID, text: String
}
