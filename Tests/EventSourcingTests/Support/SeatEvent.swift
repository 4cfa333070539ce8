import EventSourcing
import Foundation

/// The example of API.md.
enum SeatEvent: Event, Equatable {
    static let category: StreamCategory = "seat"
    case held(booking: String, until: Date)
    case released(booking: String)
    case moved(Moved)
    case closed

    enum CodingKeys: String, CodingKey {
        case held = "held.v2"
        case released, moved, closed
    }

    static let upcasts: [Upcast<Self>] = [
        Upcast("held", as: HeldV1.self) { .held(booking: $0.booking, until: .distantFuture) },
        Upcast("swapped", as: SwappedV1.self) {
            [.released(booking: $0.old), .held(booking: $0.new, until: $0.until)]
        },
        Upcast(renamed: "freed", to: "released"),
    ]

    struct Moved: Codable, Equatable {
        var from: String
        var to: String
    }
    struct HeldV1: Codable { var booking: String }
    struct SwappedV1: Codable {
        var old: String
        var new: String
        var until: Date
    }
}
