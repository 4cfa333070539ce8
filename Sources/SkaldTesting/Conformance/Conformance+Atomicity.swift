import EventSourcing
import Testing

extension EventStoreConformance {
    static let atomicity = [
        EventStoreConformance("the events of one append get adjacent versions and rising positions [ES3, ES4]") {
            trial in
            let stream = try trial.stream("adjacent")
            let first = try await trial.store.append(trial.events(0..<5), to: stream, expecting: .noStream)
            let second = try await trial.store.append(trial.events(5..<25), to: stream, expecting: .version(4))
            #expect([first.firstVersion, first.lastVersion, second.firstVersion, second.lastVersion] == [0, 4, 5, 24])
            let events = try await trial.store.readPage(of: stream, from: nil, .forwards, limit: 100).events
            #expect(events.map(\.version.rawValue) == Array(0..<25))
            #expect(zip(events, events.dropFirst()).allSatisfy { $0.position < $1.position })
            #expect(events[4].position == first.lastPosition && events[24].position == second.lastPosition)
            #expect(!first.wasReplayed && !second.wasReplayed)
        },
        EventStoreConformance("an append to several streams gives each its result, in order [ES3]") { trial in
            let streams = try ["c", "a", "b"].map { try trial.stream($0) }
            try await trial.store.append(trial.events(0..<2), to: streams[1], expecting: .any)
            let results = try await trial.store.append([
                StreamAppend(trial.events(10..<12), to: streams[0], expecting: .noStream),
                StreamAppend(trial.events(20..<23), to: streams[1], expecting: .version(1)),
                StreamAppend(trial.events(30..<31), to: streams[2], expecting: .any),
            ])
            #expect(results.map(\.stream) == streams)
            #expect(results.map(\.firstVersion) == [0, 2, 0])
            #expect(results.map(\.lastVersion) == [1, 4, 0])
            #expect(try await trial.numbers(in: streams[0]) == [10, 11])
            #expect(try await trial.numbers(in: streams[1]) == [0, 1, 20, 21, 22])
            #expect(try await trial.numbers(in: streams[2]) == [30])
            for (stream, result) in zip(streams, results) {
                let last = try await trial.store.readPage(of: stream, from: nil, .backwards, limit: 1).events.first
                #expect(last?.position == result.lastPosition)
            }
        },
        EventStoreConformance("one conflict among several streams refuses all, and every conflict is named [ES3, ES5]")
        {
            trial in
            let streams = try ["z", "good", "a"].map { try trial.stream($0) }
            try await trial.store.append([trial.event(0)], to: streams[0], expecting: .noStream)
            let error = await trial.expectError(.versionConflict, "two of three are wrong") {
                try await trial.store.append([
                    StreamAppend([trial.event(1)], to: streams[0], expecting: .noStream),
                    StreamAppend([trial.event(2)], to: streams[1], expecting: .noStream),
                    StreamAppend([trial.event(3)], to: streams[2], expecting: .version(7)),
                ])
            }
            let conflicts = [
                VersionConflict(stream: streams[0], expected: .noStream, actual: 0),
                VersionConflict(stream: streams[2], expected: .version(7), actual: nil),
            ]
            #expect(error?.conflicts == conflicts, "in the order of the call")
            #expect(try await trial.numbers(in: streams[0]) == [0])
            #expect(try await trial.numbers(in: streams[1]).isEmpty)
            #expect(try await trial.numbers(in: streams[2]).isEmpty)
        },
    ]
}
