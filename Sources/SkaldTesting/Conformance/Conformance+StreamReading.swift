import EventSourcing
import Testing

extension EventStoreConformance {
    static let streamReading = [
        EventStoreConformance("a stream is read forwards and backwards, from a version on, up to a limit") { trial in
            let stream = try trial.stream("pages")
            try await trial.store.append(trial.events(0..<10), to: stream, expecting: .noStream)
            let table: [(from: StreamVersion?, ReadDirection, limit: Int, [Int], hasMore: Bool)] = [
                (nil, .forwards, 100, Array(0..<10), false), (nil, .backwards, 100, Array((0..<10).reversed()), false),
                (nil, .forwards, 3, [0, 1, 2], true), (nil, .backwards, 3, [9, 8, 7], true),
                (4, .forwards, 3, [4, 5, 6], true), (4, .backwards, 3, [4, 3, 2], true),
                (8, .forwards, 5, [8, 9], false), (1, .backwards, 5, [1, 0], false),
                (9, .forwards, 5, [9], false), (0, .backwards, 5, [0], false),
                (10, .forwards, 5, [], false), (99, .backwards, 2, [9, 8], true),
            ]
            for (from, direction, limit, expected, hasMore) in table {
                let page = try await trial.store.readPage(of: stream, from: from, direction, limit: limit)
                let comment: Comment = "\(direction) from \(from?.description ?? "the end"), at most \(limit)"
                #expect(try page.events.map(Trial.number) == expected, comment)
                if hasMore { #expect(!page.isLast, comment) }
                if expected.count < limit { #expect(page.isLast, comment) }
            }
        },
        EventStoreConformance("a stream that does not exist is empty") { trial in
            let stream = try trial.stream("nothing")
            for direction in [ReadDirection.forwards, .backwards] {
                let page = try await trial.store.readPage(of: stream, from: nil, direction, limit: 10)
                #expect(page.events.isEmpty && page.isLast)
            }
        },
        EventStoreConformance("reading page by page gives every event once, whatever the size of a page [ES4]") {
            trial in
            let stream = try trial.stream("sizes")
            try await trial.store.append(trial.events(0..<20), to: stream, expecting: .noStream)
            for size in [1, 3, 19, 20, 21] {
                var forwards: [Int] = []
                for try await event in trial.store.read(stream, pageSize: size) {
                    forwards.append(try Trial.number(event))
                }
                #expect(forwards == Array(0..<20), "pages of \(size)")
                var backwards: [Int] = []
                for try await event in trial.store.read(stream, .backwards, pageSize: size) {
                    backwards.append(try Trial.number(event))
                }
                #expect(backwards == (0..<20).reversed(), "pages of \(size)")
            }
            var limited: [Int] = []
            for try await event in trial.store.read(stream, from: 5, limit: 7, pageSize: 3) {
                limited.append(try Trial.number(event))
            }
            #expect(limited == Array(5..<12))
        },
        EventStoreConformance("streams whose names begin alike do not mix") { trial in
            let (short, long) = (try trial.stream("A1"), try StreamID(validating: trial.stream("A1").name + "0"))
            try await trial.store.append([trial.event(1)], to: short, expecting: .noStream)
            try await trial.store.append([trial.event(2)], to: long, expecting: .noStream)
            #expect(try await trial.numbers(in: short) == [1])
            #expect(try await trial.numbers(in: long) == [2])
        },
    ]
}
