import EventSourcing
import Foundation
import NIOHTTP1
import Postgres
import PostgresEventStore
import Sagas
import Testing

@testable import Booking

/// What customers get to see.
struct ServicesTests {
    @Test(.timeLimit(.minutes(5))) func `answers say in plain words how things stand, or what to do`() async throws {
        try await SmallDemo.run([.success, .declined]) { stage, _ in
            try await seats(stage)
            try await orders(stage)
            try await cancellations(stage)
            try await refusedRefund(stage)
            try await tour(stage)
        }
    }

    private func seats(_ stage: Stage) async throws {
        func answer(_ seat: String) async throws -> String {
            let (status, text) = try await stage.ask(.GET, stage.instance(.inventory), "/seats/\(seat)")
            return "\(status) \(text)"
        }
        #expect(try await answer("1A").contains(#""status":"sold""#))
        #expect(try await answer("1A").contains(#""booking":"trip-a""#))
        #expect(try await answer("1A").hasPrefix("200 {"))
        #expect(try await answer("9C").contains(#""status":"free""#))
        let unknown = try await answer("99Z")
        #expect(unknown.hasPrefix("404 ") && unknown.contains("There is no seat '99Z'."))
    }

    private func orders(_ stage: Stage) async throws {
        let orders = stage.instance(.orders)
        let again = Orders.Order.trip("trip-a", seat: "1A", hotel: "Astoria")
        #expect(try await stage.send(.POST, orders, "/trips", again) == 202, "the same order again changes nothing")

        let other = try await stage.ask(.POST, orders, "/trips", Orders.Order.trip("trip-a", seat: "2A"))
        #expect(other.status == 409)
        #expect(other.text.contains("Send another booking, or none to have one chosen."), "\(other.text)")
        let error = await #expect(throws: DemoError.self, "it does not try again until it has no patience left") {
            try await stage.order(.trip("trip-a", seat: "2A"))
        }
        #expect(error?.description.contains("409") == true, "\(String(describing: error))")

        let long = String(repeating: "x", count: 200)
        let invalid = try await stage.ask(.POST, orders, "/trips", Orders.Order.trip(long, seat: "2A"))
        #expect(invalid.status == 400)
        #expect(invalid.text.contains("1 to 128 bytes"), "\(invalid.text)")
        let unknown = try await stage.ask(.GET, orders, "/trips/nobody")
        #expect(unknown.status == 404 && unknown.text.contains("There is no trip 'nobody'."))
    }

    private func cancellations(_ stage: Stage) async throws {
        func cancel(_ booking: BookingID) async throws -> (status: Int, text: String) {
            try await stage.ask(.POST, stage.instance(.orders), "/trips/\(booking)/cancel")
        }
        let unknown = try await cancel("nobody")
        #expect(unknown.status == 404 && unknown.text.contains("There is no trip 'nobody'."), "\(unknown.text)")
        let calledOff = try await cancel("trip-b")
        #expect(calledOff.status == 409 && calledOff.text.contains("nothing to cancel"), "\(calledOff.text)")

        // As long as payments hears nothing, this one is ordered and not confirmed.
        try await stage.arm([Fault(kind: .lose, times: .max)], at: stage.instance(.payments))
        try await stage.order(.trip("trip-late", seat: "2B"))
        let early = try await cancel("trip-late")
        #expect(early.status == 409 && early.text.contains("Wait until its status is 'completed'"), "\(early.text)")
        try await stage.arm([], at: stage.instance(.payments))
        #expect(try await stage.end(of: "trip-late") == .completed)

        #expect(try await cancel("trip-late").status == 202)
        #expect(try await cancel("trip-late").status == 202, "asking again changes nothing")
        #expect(try await stage.end(of: "trip-late", in: CancelTrip.name) == .completed)
        let again = try await cancel("trip-late")
        #expect(again.status == 202 && again.text.contains(#""status":"cancelled""#), "\(again.text)")
        let status = try await stage.ask(.GET, stage.instance(.orders), "/trips/trip-late")
        #expect(status.text.contains(#""status":"cancelled""#), "\(status.text)")
        let seat = try await stage.ask(.GET, stage.instance(.inventory), "/seats/2B")
        #expect(seat.text.contains(#""status":"free""#), "\(seat.text)")
        #expect(try await stage.database(.payments).number("select sum(refunded) from ledger") == 12_000)
    }

    private func refusedRefund(_ stage: Stage) async throws {
        try await stage.order(.trip("trip-kept", seat: "3B"))
        #expect(try await stage.end(of: "trip-kept") == .completed)
        // As if somebody had settled it by hand.
        let payments = PostgresEventStore(stage.database(.payments), logger: .silent)
        try await payments.transaction { transaction in
            try await transaction.append([PaymentEvent.voided], to: "payment-trip-kept", expecting: .any)
        }
        #expect(try await stage.send(.POST, stage.instance(.orders), "/trips/trip-kept/cancel") == 202)
        #expect(try await stage.end(of: "trip-kept", in: CancelTrip.name) == .compensated)
        let again = try await stage.ask(.POST, stage.instance(.orders), "/trips/trip-kept/cancel")
        #expect(again.status == 409 && again.text.contains("stays booked"), "\(again.text)")
        let status = try await stage.ask(.GET, stage.instance(.orders), "/trips/trip-kept")
        #expect(status.text.contains(#""status":"completed""#), "\(status.text)")
        let story = try await stage.database(.orders).query(
            "select string_agg(type, ' ' order by version) from skald.events where stream = 'trip-trip-kept'"
        ).one()[0].decode(String.self)
        #expect(story == "trip.ordered trip.confirmed trip.cancelling trip.kept")
        let seat = try await stage.ask(.GET, stage.instance(.inventory), "/seats/3B")
        #expect(seat.text.contains(#""status":"sold""#), "\(seat.text)")
    }

    /// What is printed at the end for the user to paste.
    private func tour(_ stage: Stage) async throws {
        let programs = try #require(Bundle.main.executableURL).deletingLastPathComponent()
        let skald = programs.appending(path: "skald").path
        let text = Tour(stage: stage, skald: "skald", url: stage.visitorURL).text
        #expect(text.split(separator: "\n").filter { $0.count > 80 } == [])
        let script = text.split(separator: "\n").drop { !$0.hasPrefix("curl") }
            .filter { !$0.hasPrefix("Ask their") }.joined(separator: "\n")
        let output = try await Shell.run("set -e\nskald() { '\(skald)' \"$@\"; }\n\(script)\n")
        for expected in [
            #""status":"sold""#, #""reason":"step 'authorise-card' was refused: the card was declined""#,
            #""booking":"mine""#, "trip-a", "trip.confirmed", "notifications",
        ] {
            #expect(output.contains(expected), "\(output)")
        }
        #expect(stage.visitorURL.contains("user=visitor"))
    }
}
