import EventSourcing
import Testing

extension EventStoreConformance {
    static let logReading = [
        EventStoreConformance("an append that was acknowledged before another has the lower position [ES6]") { trial in
            let streams = try (0..<5).map { try trial.stream("s\($0)") }
            var last = GlobalPosition.start
            for number in 0..<25 {
                let result = try await trial.store.append(
                    [trial.event(number)], to: streams[number % 5], expecting: .any)
                #expect(result.lastPosition > last, "also across streams")
                last = result.lastPosition
            }
        },
        EventStoreConformance("the log is every stream's events in the order of their versions [ES7]") { trial in
            let cursor = try await trial.cursor()
            let streams = try (0..<4).map { try trial.stream("s\($0)") }
            for number in 0..<40 {
                try await trial.store.append([trial.event(number)], to: streams[number * 7 % 4], expecting: .any)
            }
            let seen = try await trial.follow(Set(streams), after: cursor, count: 40)
            #expect(try seen.map(Trial.number) == Array(0..<40))
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.position < $1.position })
            for stream in streams {
                let versions = seen.filter { $0.stream == stream }.map(\.version.rawValue)
                #expect(versions == Array(0..<Int64(versions.count)))
            }
        },
        EventStoreConformance("two readings of the log agree on what both have read [ES8]") { trial in
            let cursor = try await trial.cursor()
            let stream = try trial.stream("twice")
            try await trial.store.append(trial.events(0..<30), to: stream, expecting: .noStream)
            _ = try await trial.follow([stream], after: cursor, count: 30)
            var scans: [[RecordedEvent]] = []
            for size in [4, 1000] {
                var scan: [RecordedEvent] = []
                for try await event in trial.store.readAll(after: cursor, pageSize: size) { scan.append(event) }
                scans.append(scan)
                try await trial.store.append([trial.event(30)], to: stream, expecting: .any)
            }
            let common = scans[0].count
            #expect(common >= 30 && scans[1].prefix(common) == scans[0][...])
        },
        EventStoreConformance("a page of the log begins after its cursor and says where to read on") { trial in
            let start = try await trial.cursor()
            let stream = try trial.stream("cursor")
            try await trial.store.append(trial.events(0..<6), to: stream, expecting: .noStream)
            let seen = try await trial.follow([stream], after: start, count: 6)
            let page = try await trial.store.readLogPage(after: seen[2].cursor, limit: 1)
            let next = try #require(page.events.first)
            #expect(next.position > seen[2].position && next.position <= seen[3].position)
            #expect(page.cursor == next.cursor)
            #expect(!page.isLast)
            let state = try await trial.store.logState()
            #expect(state.watermark <= state.head && seen[5].position <= state.watermark)
            #expect(state.generation == seen[5].generation)
        },
        EventStoreConformance("an empty page keeps the reader where it is") { trial in
            let stream = try trial.stream("end")
            let start = try await trial.cursor()
            try await trial.store.append([trial.event(0)], to: stream, expecting: .noStream)
            var cursor = try await trial.follow([stream], after: start, count: 1)[0].cursor
            var isLast = false
            while !isLast {
                let page = try await trial.store.readLogPage(after: cursor, limit: 100)
                #expect(page.cursor == page.events.last?.cursor ?? cursor)
                (cursor, isLast) = (page.cursor, page.isLast || page.events.isEmpty)
                #expect(page.isLast || !page.events.isEmpty)
            }
        },
        EventStoreConformance("a cursor of another life of the log, beyond this one, is refused") { trial in
            let state = try await trial.store.logState()
            let cursor = LogCursor(
                generation: LogGeneration(state.generation.rawValue + 1),
                position: GlobalPosition(state.head.rawValue + 1_000_000))
            let error = await trial.expectError(.logRewound, "\(cursor)") {
                _ = try await trial.store.readLogPage(after: cursor, limit: 1)
            }
            #expect(error?.position == cursor.position)
            #expect(try await trial.store.readLogPage(after: .start, limit: 1).cursor.generation == state.generation)
        },
    ]
}
