import Skald

/// The trips and what became of them: for reading.
struct TripList: SQLProjection {
    static let name: ProjectionName = "trip-list"
    static let table = """
        create table trips (booking text primary key, status text not null, cents bigint not null, events int not null);

        """
    let trips = Table("trips")

    func project(_ trip: Recorded<TripEvent>) -> [SQL] {
        let (status, cents) =
            switch trip.event {
            case .ordered(let itinerary): ("ordered", itinerary.cents)
            case .confirmed, .kept: ("confirmed", 0)
            case .calledOff: ("called off", 0)
            case .cancelling: ("cancelling", 0)
            case .cancelled: ("cancelled", 0)
            }
        """
        insert into \(trips) as t (booking, status, cents, events) values (\(trip.stream.key), \(status), \(cents), 1) \
        on conflict (booking) do update set status = excluded.status, cents = t.cents + excluded.cents, events = t.events + 1
        """
    }
}
