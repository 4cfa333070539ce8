import Foundation
import Skald
import SkaldTesting
import Testing

@Suite(.testDatabase(.skald)) struct AppendingExamples {
    @Test func `an append with an expectation, and its conflict`() async throws {
        try await TestDatabase.current.withStore { store in
            var printed: [String] = []
            func print(_ items: Any...) { printed.append(items.map { "\($0)" }.joined(separator: " ")) }
            // docs: append
            let appended = try await store.append([SeatEvent.held(by: "Ann")], to: "seat-A1", expecting: .noStream)
            print(appended.lastVersion, appended.lastPosition)
            // docs: end
            #expect(appended.lastVersion == 0)
            // docs: conflict
            do {
                try await store.append([SeatEvent.held(by: "Bob")], to: "seat-A1", expecting: .noStream)
            } catch let error as EventStoreError where error.code == .versionConflict {
                print(error.message)
            }
            // docs: end
            let message = """
                stream "seat-A1" is at version 0, expected no stream. Read the stream again and decide again
                """
            #expect(printed == ["0 \(appended.lastPosition)", message])
            let article = try Library.text(of: Library.catalog + "/AppendingAndConflicts.md")
            #expect(article.contains("`\(message)`"))
        }
    }

    @Test func `an append that is repeated with its id happens once`() async throws {
        let requestID = UUID()
        try await TestDatabase.current.withStore { store in
            // docs: append id
            let id = AppendID(requestID)  // what names the request that is being served
            let events = [SeatEvent.held(by: "Ann")]
            let first = try await store.append(events, to: "seat-B7", expecting: .noStream, id: id)
            let again = try await store.append(events, to: "seat-B7", expecting: .noStream, id: id)
            print(again.wasReplayed, first.lastVersion == again.lastVersion)  // true true
            // docs: end
            #expect(again.wasReplayed && first.lastVersion == again.lastVersion)
            #expect(try await store.load(Seat(), on: "B7").version == 0)
        }
    }

    @Test func `events and rows commit together`() async throws {
        let database = try TestDatabase.current
        try await database.psql(
            "create table guests (seat text, name text); grant select, insert on guests to skald_writer")
        let (seat, guest) = ("C3", "Ann")
        try await database.withStore { store in
            // docs: transaction
            try await store.transaction { tx in
                try await tx.append([SeatEvent.held(by: guest)], to: "seat-C3", expecting: .noStream)
                try await tx.execute("insert into guests (seat, name) values (\(seat), \(guest))")
            }
            // docs: end
        }
        #expect(try await database.psql("select * from guests") == "C3|Ann")
    }
}
