import EventSourcing
import Testing

extension EventStoreConformance {
    static let limits = [
        EventStoreConformance("what breaks a limit of appending is refused by name, and leaves nothing behind") {
            trial in
            let stream = try trial.stream("limits")
            let tooMany = try trial.events(0..<EventLimits.eventsPerAppend + 1)
            let one = try trial.event(0)
            let table: [(String, argument: String, [StreamAppend])] = [
                ("no streams", "appends", []),
                ("no events", "events", [StreamAppend([], to: stream, expecting: .any)]),
                ("10,001 events", "events", [StreamAppend(tooMany, to: stream, expecting: .any)]),
                ("one of ours", "stream", [StreamAppend([one], to: "$system-1", expecting: .any)]),
                (
                    "a stream twice", "appends",
                    [
                        StreamAppend([one], to: stream, expecting: .any),
                        StreamAppend([one], to: stream, expecting: .any),
                    ]
                ),
            ]
            for (what, argument, appends) in table {
                let error = await trial.expectError(.invalidArgument, "\(what)") {
                    try await trial.store.append(appends)
                }
                #expect(error?.argument == argument, "\(what)")
            }
            #expect(try await trial.numbers(in: stream).isEmpty)
        },
        EventStoreConformance("an append of 10,000 events is one append [ES3]") { trial in
            let stream = try trial.stream("many")
            let result = try await trial.store.append(
                trial.events(0..<EventLimits.eventsPerAppend), to: stream, expecting: .noStream)
            #expect(result.firstVersion == 0 && result.lastVersion == 9_999)
            let last = try await trial.store.readPage(of: stream, from: nil, .backwards, limit: 1).events.first
            #expect(last?.version == 9_999 && last?.position == result.lastPosition)
        },
        EventStoreConformance("1 MiB of data is taken in whatever shape, and 64 MiB in one append, not more") { trial in
            let stream = try trial.stream("large")
            // 2 bytes for each number: nothing takes more room in a database's own form.
            let numbers = "[" + String(repeating: "1,", count: EventLimits.dataBytes / 2 - 2) + "1]"
            let large = try NewEvent(type: "large", json: numbers)
            try await trial.store.append([large], to: stream, expecting: .noStream)
            let read = try await trial.store.readPage(of: stream, from: nil, .forwards, limit: 1).events.first
            // Not compared as a whole: a failure would be explained number by number, for minutes.
            let count = read?.data.count { $0 == UInt8(ascii: "1") }
            #expect(count == EventLimits.dataBytes / 2 - 1)
            let error = await trial.expectError(.invalidArgument, "more than 64 MiB in one append") {
                try await trial.store.append(Array(repeating: large, count: 65), to: stream, expecting: .any)
            }
            #expect(error?.argument == "events")
            try await trial.store.append(Array(repeating: large, count: 3), to: stream, expecting: .any)
        },
        EventStoreConformance("a page of a size that is out of bounds is refused") { trial in
            let stream = try trial.stream("page")
            for limit in [0, -1, EventLimits.pageSize + 1] {
                await trial.expectError(.invalidArgument, "a page of \(limit)") {
                    _ = try await trial.store.readPage(of: stream, from: nil, .forwards, limit: limit)
                }
                await trial.expectError(.invalidArgument, "a page of \(limit)") {
                    _ = try await trial.store.readLogPage(after: .start, limit: limit)
                }
            }
        },
        EventStoreConformance("a cancelled append is either wholly there or said to be absent [ES2]") { trial in
            let stream = try trial.stream("cancelled")
            let outcome = await withTaskGroup(of: Bool?.self) { group in
                group.addTask {
                    do {
                        try await trial.store.append(trial.events(0..<3), to: stream, expecting: .noStream)
                        return true
                    } catch {
                        return (error as? EventStoreError)?.outcome == .unknown ? nil : false
                    }
                }
                group.cancelAll()
                return await group.next() ?? nil
            }
            let numbers = try await trial.numbers(in: stream)
            switch outcome {
            case true: #expect(numbers == [0, 1, 2])
            case false: #expect(numbers.isEmpty)
            default: #expect(numbers.isEmpty || numbers == [0, 1, 2])
            }
        },
    ]
}
