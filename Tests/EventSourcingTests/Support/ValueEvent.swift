import EventSourcing
import Foundation

/// A case for each kind of value that the JSON contract has a form for.
enum ValueEvent: Event, Equatable {
    static let category: StreamCategory = "value"
    case date(at: Date)
    case decimal(amount: Decimal)
    case data(bytes: Data)
    case uuid(id: UUID)
    case url(link: URL)
    case optional(text: String?, date: Date?)
    case double(value: Double)
    case float(value: Float)
    case integers(small: Int8, large: Int64, unsigned: UInt64, huge: Int128)
    case text(value: String)
    case names([String: Int])
    case nested(Outer)
    case list([Date?])
    case kind(kind: Kind, flags: [Bool])
    case number(Int)
    case json(value: JSONValue)

    struct Outer: Codable, Equatable {
        var zebra: Inner
        var alpha: [Inner]
        struct Inner: Codable, Equatable {
            var price: Decimal
            var at: Date?
        }
    }
    enum Kind: String, Codable { case window, aisle }
}
