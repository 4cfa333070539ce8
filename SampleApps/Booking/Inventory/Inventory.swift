import Skald

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Seats and rooms: holds them, sells them, and takes them back.
enum Inventory {
    /// How long a hold is good for, in seconds; then whoever wants the seat gets it.
    static let holdTime = 900.0

    static let commands: [CommandHandler] = [
        .on(HoldSeat.self) { command, work in
            let until = Date.now + holdTime
            try await work.execute(.hold(command.booking, until: until, now: .now), by: Seat(), on: command.seat)
            return SeatHold(seat: command.seat, until: until)
        },
        .on(ReleaseSeat.self) { command, work in
            try await work.execute(.release(command.booking), by: Seat(), on: command.seat)
        },
        .on(SellSeat.self) { command, work in
            try await work.execute(.sell(command.booking), by: Seat(), on: command.seat)
            try await work.publish("seat \(command.seat) is sold", about: command.booking)
        },
        .on(ReturnSeat.self) { command, work in
            try await work.execute(.takeBack(command.booking), by: Seat(), on: command.seat)
            try await work.publish("seat \(command.seat) is free again", about: command.booking)
        },
        .on(HoldRoom.self) { command, work in
            let until = Date.now + holdTime
            try await work.execute(.hold(command.booking, until: until, now: .now), by: Room(), on: command.hotel)
            return RoomHold(hotel: command.hotel, until: until)
        },
        .on(ReleaseRoom.self) { command, work in
            try await work.execute(.release(command.booking), by: Room(), on: command.hotel)
        },
        .on(SellRoom.self) { command, work in
            try await work.execute(.sell(command.booking), by: Room(), on: command.hotel)
            try await work.publish("a room at \(command.hotel) is sold", about: command.booking)
        },
        .on(ReturnRoom.self) { command, work in
            try await work.execute(.takeBack(command.booking), by: Room(), on: command.hotel)
            try await work.publish("a room at \(command.hotel) is free again", about: command.booking)
        },
    ]

    static let tables = SeatMap.table + RoomList.table
}

/// Which seats there are and who has them: for reading.
struct SeatMap: SQLProjection {
    static let name: ProjectionName = "seat-map"
    static let table = """
        create table seats (seat text primary key, status text not null, booking text, held_until timestamptz, events int not null);

        """
    let seats = Table("seats")

    func project(_ seat: Recorded<SeatEvent>) -> [SQL] {
        let key = seat.stream.key
        switch seat.event {
        case .added:
            "insert into \(seats) (seat, status, events) values (\(key), 'available', 0)"
        case .held(let booking, let until):
            "update \(seats) set status = 'held', booking = \(booking), held_until = \(until) where seat = \(key)"
        case .expired(let booking), .released(let booking), .returned(let booking):
            """
            update \(seats) set status = 'available', booking = null, held_until = null \
            where seat = \(key) and booking = \(booking)
            """
        case .sold:
            "update \(seats) set status = 'sold', held_until = null where seat = \(key)"
        }
        // Not idempotent, and on purpose: an event that is projected twice, or never, shows.
        "update \(seats) set events = events + 1 where seat = \(key)"
    }
}

/// How many rooms each hotel has left: for reading.
struct RoomList: SQLProjection {
    static let name: ProjectionName = "room-list"
    static let table = """
        create table hotels (hotel text primary key, rooms int not null, events int not null);
        create table rooms_taken (hotel text, booking text, status text not null, primary key (hotel, booking));

        """
    let hotels = Table("hotels")
    let taken = Table("rooms_taken")

    func project(_ room: Recorded<RoomEvent>) -> [SQL] {
        let hotel = room.stream.key
        switch room.event {
        case .opened(let rooms):
            "insert into \(hotels) (hotel, rooms, events) values (\(hotel), \(rooms), 0)"
        case .held(let booking, _):
            "insert into \(taken) (hotel, booking, status) values (\(hotel), \(booking), 'held')"
        case .expired(let booking), .released(let booking), .returned(let booking):
            "delete from \(taken) where hotel = \(hotel) and booking = \(booking)"
        case .sold(let booking):
            "update \(taken) set status = 'sold' where hotel = \(hotel) and booking = \(booking)"
        }
        "update \(hotels) set events = events + 1 where hotel = \(hotel)"
    }
}
