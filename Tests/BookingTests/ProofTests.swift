import ArgumentParser
import Postgres
import Testing

@testable import Booking

// SG1, SG8, SG9, SG12, OB1, OB9, PR2: the proof notices what it is there to notice.
struct ProofTests {
    /// Something done to the databases behind the services' backs, how to mend it, and the claims that must fail.
    struct Tampering: Sendable {
        let what: String
        let service: ServiceName
        let done: [SQL]
        let mended: [SQL]
        let noticed: Set<String>
    }

    static let tamperings: [Tampering] = [
        Tampering(
            what: "a seat is sold that nobody has booked", service: .inventory,
            done: ["update seats set status = 'sold', booking = 'nobody' where seat = '9C'"],
            mended: ["update seats set status = 'available', booking = null where seat = '9C'"], noticed: ["seats"]),
        Tampering(
            what: "a seat is sold to another booking", service: .inventory,
            done: ["update seats set booking = 'trip-b' where seat = '1A'"],
            mended: ["update seats set booking = 'trip-a' where seat = '1A'"], noticed: ["seats"]),
        Tampering(
            what: "a seat is missing", service: .inventory, done: kept("seats", "seat = '9C'"),
            mended: putBack("seats"), noticed: ["everything", "seats", "projections"]),
        Tampering(
            what: "a hotel has more rooms than were ordered", service: .inventory,
            done: ["update hotels set rooms = rooms + 1 where hotel = 'Bristol'"],
            mended: ["update hotels set rooms = rooms - 1 where hotel = 'Bristol'"], noticed: ["rooms"]),
        Tampering(
            what: "a room of another hotel is sold", service: .inventory,
            done: ["update rooms_taken set hotel = 'Bristol' where booking = 'trip-a'"],
            mended: ["update rooms_taken set hotel = 'Astoria' where booking = 'trip-a'"], noticed: ["rooms"]),
        Tampering(
            what: "all rooms are gone", service: .inventory, done: kept("hotels", "true"), mended: putBack("hotels"),
            noticed: ["everything", "rooms", "projections"]),
        Tampering(
            what: "the ledger has another amount", service: .payments,
            done: ["update ledger set captured = captured + 1 where booking = 'trip-a'"],
            mended: ["update ledger set captured = captured - 1 where booking = 'trip-a'"], noticed: ["money"]),
        Tampering(
            what: "the right amount was paid by another", service: .payments,
            done: ["update ledger set booking = 'trip-x' where booking = 'trip-a'"],
            mended: ["update ledger set booking = 'trip-a' where booking = 'trip-x'"],
            noticed: ["everything", "money", "projections"]),
        Tampering(
            what: "a refund is recorded that nobody asked for", service: .payments,
            done: ["update ledger set refunded = captured where booking = 'trip-a'"],
            mended: ["update ledger set refunded = 0 where booking = 'trip-a'"], noticed: ["money"]),
        Tampering(
            what: "a refund has another amount", service: .payments,
            done: ["update ledger set refunded = refunded - 1 where booking = 'trip-h1'"],
            mended: ["update ledger set refunded = refunded + 1 where booking = 'trip-h1'"], noticed: ["money"]),
        Tampering(
            what: "a refund is missing, and its capture too", service: .payments,
            done: ["update ledger set refunded = 0, captured = 0 where booking = 'trip-h1'"],
            mended: ["update ledger set refunded = 30000, captured = 30000 where booking = 'trip-h1'"],
            noticed: ["money"]),
        Tampering(
            what: "a seat is sold a second time while it is sold", service: .inventory,
            done: kept("skald.events", "type = 'seat.returned'"), mended: putBack("skald.events"),
            noticed: ["everything", "seats", "projections", "events"]),
        Tampering(
            what: "a cancelled trip keeps its seat", service: .inventory,
            done: ["update seats set status = 'sold', booking = 'trip-h1' where seat = '9C'"],
            mended: ["update seats set status = 'available', booking = null where seat = '9C'"], noticed: ["seats"]),
        Tampering(
            what: "a cancellation was not told of", service: .notifications,
            done: kept("mail", "subject = 'cancellation'"), mended: putBack("mail"), noticed: ["sagas"]),
        Tampering(
            what: "a projection has read an event twice", service: .payments,
            done: ["update ledger set events = events + 1 where booking = 'trip-a'"],
            mended: ["update ledger set events = events - 1 where booking = 'trip-a'"],
            noticed: ["everything", "projections"]),
        Tampering(
            what: "a projection has read an event twice, and passed another by", service: .inventory,
            done: counted("seats", "seat = '1A'", +1) + counted("seats", "seat = '1B'", -1),
            mended: counted("seats", "seat = '1A'", -1) + counted("seats", "seat = '1B'", +1),
            noticed: ["everything", "projections"]),
        Tampering(
            what: "one projection is an event ahead, and another behind", service: .inventory,
            done: counted("seats", "seat = '1A'", +1) + counted("hotels", "hotel = 'Astoria'", -1),
            mended: counted("seats", "seat = '1A'", -1) + counted("hotels", "hotel = 'Astoria'", +1),
            noticed: ["everything", "projections"]),
        Tampering(
            what: "what was told is not what has happened", service: .inventory,
            done: [
                """
                update skald.events set data = data || '{"booking": "trip-x"}'
                 where type = 'room.sold' and data ->> 'booking' = 'trip-a'
                """
            ],
            mended: [
                """
                update skald.events set data = data || '{"booking": "trip-a"}'
                 where type = 'room.sold' and data ->> 'booking' = 'trip-x'
                """
            ], noticed: ["events"]),
        Tampering(
            what: "a sent command is missing", service: .orders,
            done: kept("skald.outbox", "type = 'hold-seat' and position = (select min(position) from skald.outbox)"),
            mended: putBack("skald.outbox"), noticed: ["messages"]),
        Tampering(
            what: "a published event is missing", service: .inventory,
            done: kept("skald.outbox", "type = 'booking.news' and key = 'trip-a'"), mended: putBack("skald.outbox"),
            noticed: ["events", "messages"]),
        Tampering(
            what: "a message was not handled", service: .notifications,
            done: kept("skald.inbox", "message_id = (select min(message_id::text)::uuid from skald.inbox)"),
            mended: putBack("skald.inbox"), noticed: ["messages", "deliveries"]),
        Tampering(
            what: "an event was handled twice", service: .notifications,
            done: ["insert into news select * from news limit 1"],
            mended: ["delete from news where ctid = (select max(ctid) from news)"], noticed: ["events"]),
        Tampering(
            what: "a confirmation went to another", service: .notifications,
            done: ["update mail set booking = 'trip-b' where booking = 'trip-a'"],
            mended: ["update mail set booking = 'trip-a' where booking = 'trip-b'"], noticed: ["sagas"]),
        Tampering(
            what: "a saga is left open", service: .orders,
            done: ["update skald.sagas set status = 'needs-attention' where id = 'trip-b'"],
            mended: ["update skald.sagas set status = 'compensated' where id = 'trip-b'"], noticed: ["sagas"]),
    ]

    /// Takes rows out of a table, and keeps them.
    private static func kept(_ table: String, _ condition: String) -> [SQL] {
        [
            SQL(unescaped: "drop table if exists kept"),
            SQL(unescaped: "create table kept as select * from \(table) where \(condition)"),
            SQL(unescaped: "delete from \(table) where \(condition)"),
        ]
    }

    /// Has a read model's row count more events, or fewer.
    private static func counted(_ table: String, _ row: String, _ more: Int) -> [SQL] {
        [SQL(unescaped: "update \(table) set events = events + (\(more)) where \(row)")]
    }

    private static func putBack(_ table: String) -> [SQL] {
        [SQL(unescaped: "insert into \(table) select * from kept")]
    }

    @Test(.timeLimit(.minutes(5)))
    func `what is done behind the services' backs fails the claims about it, and no others`() async throws {
        try await SmallDemo.run([.success, .declined, .cancelled]) { stage, report in
            #expect(report.proof.filter { !$0.holds }.map(\.claim) == [])
            #expect(report.exitCode == .success)
            for tampering in Self.tamperings {
                try await run(tampering.done, on: stage.database(tampering.service))
                var after = report
                after.proof = try await Proof(stage).claims()
                after.conclude(after: .zero)
                let failed = Set(after.proof.filter { !$0.holds }.map { $0.claim.prefix { $0 != ":" && $0 != " " } })
                #expect(failed == Set(tampering.noticed.map { Substring($0) }), "\(tampering.what)")
                #expect(after.exitCode.rawValue == 1, "\(tampering.what)")
                try await run(tampering.mended, on: stage.database(tampering.service))
            }
            let mended = try await Proof(stage).claims()
            #expect(mended.filter { !$0.holds }.map(\.claim) == [])
        }
    }

    /// As the server's own, past the triggers that keep logs append-only.
    private func run(_ statements: [SQL], on client: PostgresClient) async throws {
        try await client.withTransaction { transaction in
            try await transaction.execute("set local session_replication_role = replica")
            for statement in statements { try await transaction.execute(statement) }
        }
    }

    @Test func `a failed claim, a failed scenario, or nothing at all is a failure`() {
        let claim = Report.Claim(claim: "c", holds: true, numbers: [:])
        let scenario = Report.Scenario(id: "a", title: "t", holds: true, seconds: 0, numbers: [:])
        func exitStatus(_ scenarios: [Bool], _ claims: [Bool]) -> Int32 {
            var report = Report()
            report.scenarios = scenarios.map { holds in
                var scenario = scenario
                scenario.holds = holds
                return scenario
            }
            report.proof = claims.map { Report.Claim(claim: claim.claim, holds: $0, numbers: [:]) }
            report.conclude(after: .zero)
            return report.exitCode.rawValue
        }
        #expect(exitStatus([true, true], [true, true]) == 0)
        #expect(exitStatus([true, true], [true, false]) == 1)
        #expect(exitStatus([false, true], [true, true]) == 1)
        #expect(exitStatus([], [true]) == 1)
        #expect(exitStatus([true], []) == 1)
        #expect(Report().exitCode == .failure)
    }
}
