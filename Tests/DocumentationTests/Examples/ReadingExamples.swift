import Foundation
import Skald
import SkaldTesting
import Testing

@Suite(.testDatabase(.skald)) struct ReadingExamples {
    @Test func `a stream, the log, and what comes`() async throws {
        try await TestDatabase.current.withStore { store in
            try await store.append([SeatEvent.held(by: "Ann"), .released], to: "seat-A1", expecting: .noStream)
            try await store.append([SeatEvent.held(by: "Bob")], to: "seat-B7", expecting: .noStream)
            var seen: [SeatEvent] = []
            func show(_ seat: Recorded<SeatEvent>) { seen.append(seat.event) }

            // docs: read
            for try await seat in store.read("seat-A1").decoded(as: SeatEvent.self) {
                show(seat)  // held, released: in the order of their versions
            }
            for try await seat in store.readAll().events(of: SeatEvent.self) {
                show(seat)  // of all seats, in the order of the log
            }
            // docs: end
            #expect(seen == [.held(by: "Ann"), .released, .held(by: "Ann"), .released, .held(by: "Bob")])

            var cursor = LogCursor.start
            var isClosing: Bool { seen.count == 9 }
            try await store.append([SeatEvent.released], to: "seat-B7", expecting: .version(0))
            // docs: follow
            for try await seat in store.follow(after: cursor).events(of: SeatEvent.self) {
                show(seat)  // what is there already, then what comes
                cursor = seat.cursor  // keep it with what you made of the event
                if isClosing { break }
            }
            // docs: end
            #expect(seen.last == .released)
            #expect(try await cursor.position == store.logState().watermark)

            // docs: status
            let log = try await store.status()
            print("final up to", log.watermark, "of", log.head)
            if let holder = log.holder {
                print("held back by", holder.processID ?? 0, holder.application ?? "", "since", holder.since ?? .now)
            }
            // docs: end
            #expect(log.watermark == log.head)
        }
    }
}
