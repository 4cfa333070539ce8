// docs: first program
import EmbeddedPostgres
import Skald
// docs: end
import Testing

/// The program of the README, as it stands there: it makes a private PostgreSQL, and everything it does is real.
@Suite struct FirstProgram {
    @Test func `the program of the README runs and prints what the README says`() async throws {
        var printed: [String] = []
        func print(_ items: Any...) { printed.append(items.map { "\($0)" }.joined(separator: " ")) }

        // docs: first program
        enum SeatEvent: Event {
            static let category: StreamCategory = "seat"
            case held(by: String)
        }

        struct Seat: Decider {
            struct Taken: Error {}
            let initialState: String? = nil  // nobody holds the seat
            func decide(_ guest: String, in holder: String?) throws(Taken) -> [SeatEvent] {
                if holder == nil { [.held(by: guest)] } else { throw Taken() }
            }
            func evolve(_ holder: inout String?, with event: SeatEvent) {
                if case .held(let guest) = event { holder = guest }
            }
        }

        try await EmbeddedPostgres.with { server in  // in production: a connection string of your own
            try await PostgresEventStore.with(connectionString: server.connectionString(), migrating: true) { store in
                try await store.execute("Ann", by: Seat(), on: "A1")
                for try await seat in store.readAll().events(of: SeatEvent.self) { print(seat.stream, seat.event) }
            }
        }
        // docs: end

        #expect(printed == ["seat-A1 held(by: \"Ann\")"])
        #expect(try Library.text(of: "README.md").contains("`seat-A1 held(by: \"Ann\")`"))
    }
}
