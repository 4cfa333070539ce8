import EventSourcing
import Foundation
import Postgres
import Projections

enum SeatEvent: Event, Equatable {
    static let category: StreamCategory = "seat"
    case held(booking: String)
    case released(booking: String)
}

enum PaymentEvent: Event, Equatable {
    static let category: StreamCategory = "payment"
    case captured(amount: Int)
}

/// The example of API.md.
struct SeatMap: SQLProjection {
    static let name: ProjectionName = "seat-map"
    let seats = Table("seat_map")
    func project(_ seat: Recorded<SeatEvent>) -> [SQL] {
        switch seat.event {
        case .held(let booking):
            "insert into \(seats) (seat, booking) values (\(seat.stream.key), \(booking))"
        case .released:
            "delete from \(seats) where seat = \(seat.stream.key)"
        }
    }
}

/// Writes down each event: nothing in its table would refuse an event that is applied twice.
struct Ledger: SQLProjection {
    static let name: ProjectionName = "ledger"
    func project(_ seat: Recorded<SeatEvent>) -> [SQL] {
        "insert into ledger (position, stream) values (\(seat.position.rawValue), \(seat.stream.name))"
    }
}

/// Several kinds of event.
struct Revenue: Projection {
    static let name: ProjectionName = "revenue"
    var handlers: Handlers {
        On(PaymentEvent.self) { payment in
            if case .captured(let amount) = payment.event {
                "insert into revenue (amount) values (\(Int64(amount)))"
            }
        }
        On(
            SeatEvent.self,
            with: { seat, transaction in
                let held = try await transaction.query("select count(*) from revenue").one()[0].decode(Int64.self)
                try await transaction.execute("insert into revenue (amount, held) values (0, \(held))")
            })
    }
}

/// Cannot apply what is booked by "poison", in a way of the test's choosing.
struct Fragile: SQLProjection {
    static let name: ProjectionName = "fragile"
    enum Way: String, CaseIterable { case swift, statement, value }
    struct Refusal: Error {}
    let way: Way
    func project(_ seat: Recorded<SeatEvent>) throws -> [SQL] {
        let position = seat.position.rawValue
        if case .held("poison") = seat.event {
            switch way {
            case .swift: try refuse()
            case .statement: "insert into fragile (position) values (\(-position))"
            case .value: "insert into fragile (position, note) values (\(position), \("a NUL: \0"))"
            }
        } else {
            "insert into fragile (position) values (\(position))"
        }
    }

    private func refuse() throws -> [SQL] { throw Refusal() }
}
