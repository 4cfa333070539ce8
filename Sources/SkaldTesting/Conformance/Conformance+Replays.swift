import EventSourcing
import Testing

extension EventStoreConformance {
    static let replays = [
        EventStoreConformance("the same append id appends once and returns the first result again [ES10]") { trial in
            let (stream, id) = (try trial.stream("twice"), AppendID())
            try await trial.store.append([trial.event(0)], to: stream, expecting: .noStream)
            let first = try await trial.store.append(trial.events(1..<3), to: stream, expecting: .version(0), id: id)
            try await trial.store.append([trial.event(3)], to: stream, expecting: .version(2))
            for expected in [ExpectedVersion.version(0), .version(3)] {
                let again = try await trial.store.append(trial.events(1..<3), to: stream, expecting: expected, id: id)
                #expect(again.wasReplayed && !first.wasReplayed)
                #expect(again.firstVersion == first.firstVersion && again.lastVersion == first.lastVersion)
                #expect(again.lastPosition == first.lastPosition)
            }
            #expect(try await trial.numbers(in: stream) == [0, 1, 2, 3])
        },
        EventStoreConformance("an append of any version is replayed too [ES10]") { trial in
            let (stream, id) = (try trial.stream("any"), AppendID())
            let first = try await trial.store.append([trial.event(1)], to: stream, expecting: .any, id: id)
            try await trial.store.append([trial.event(2)], to: stream, expecting: .any)
            let again = try await trial.store.append([trial.event(1)], to: stream, expecting: .any, id: id)
            #expect(again.wasReplayed && again.lastPosition == first.lastPosition)
            #expect(try await trial.numbers(in: stream) == [1, 2])
        },
        EventStoreConformance("an append to several streams is replayed as a whole [ES10]") { trial in
            let (streams, id) = (try ["one", "two"].map { try trial.stream($0) }, AppendID())
            let appends = [
                StreamAppend(try trial.events(0..<2), to: streams[0], expecting: .noStream),
                StreamAppend(try trial.events(2..<3), to: streams[1], expecting: .noStream),
            ]
            let first = try await trial.store.append(appends, id: id)
            let again = try await trial.store.append(appends, id: id)
            #expect(again.allSatisfy { $0.wasReplayed })
            #expect(again.map(\.lastVersion) == first.map(\.lastVersion))
            #expect(again.map(\.lastPosition) == first.map(\.lastPosition))
            #expect(try await trial.numbers(in: streams[0]) == [0, 1])
            #expect(try await trial.numbers(in: streams[1]) == [2])
        },
        EventStoreConformance("the same append id with other content is refused [ES10]") { trial in
            let (stream, id) = (try trial.stream("reused"), AppendID())
            let eventID = EventID()
            let original = try trial.event(1, tags: ["a", "b"], id: eventID)
            try await trial.store.append([original], to: stream, expecting: .noStream, id: id)
            let others: [(String, [NewEvent])] = [
                ("data", [try trial.event(2, tags: ["a", "b"], id: eventID)]),
                ("tags", [try trial.event(1, tags: ["a"], id: eventID)]),
                ("event id", [try trial.event(1, tags: ["a", "b"], id: EventID())]),
                ("count", [original, try trial.event(2)]),
                ("type", [try NewEvent(type: "conformance.x", json: original.data, tags: ["a", "b"], id: eventID)]),
            ]
            for (what, events) in others {
                let error = await trial.expectError(.appendIDReused, "other \(what)") {
                    try await trial.store.append(events, to: stream, expecting: .any, id: id)
                }
                #expect(error?.appendID == id)
            }
            #expect(try await trial.numbers(in: stream) == [1])
        },
        EventStoreConformance("metadata and the layout of the JSON do not make it other content [ES10]") { trial in
            let (stream, id) = (try trial.stream("layout"), AppendID())
            let first = try NewEvent(type: "conformance.numbered", json: #"{"number":1,"b":[1.50,{"y":2,"x":3}]}"#)
            let again = try NewEvent(
                type: "conformance.numbered", json: #" { "b" : [1.5, {"x":3, "y":2}], "number":1 } "#,
                metadata: Metadata(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
            try await trial.store.append([first], to: stream, expecting: .noStream, id: id)
            let result = try await trial.store.append([again], to: stream, expecting: .noStream, id: id)
            #expect(result.wasReplayed)
        },
        EventStoreConformance("an append id whose append was refused can be used again [ES10]") { trial in
            let (stream, id) = (try trial.stream("refused"), AppendID())
            await trial.expectError(.versionConflict, "there is no stream") {
                try await trial.store.append([trial.event(1)], to: stream, expecting: .streamExists, id: id)
            }
            let result = try await trial.store.append([trial.event(1)], to: stream, expecting: .noStream, id: id)
            #expect(!result.wasReplayed && result.lastVersion == 0)
        },
        EventStoreConformance("one append id sent by many at once appends once [ES10]") { trial in
            let (stream, id) = (try trial.stream("at-once"), AppendID())
            let event = try trial.event(1)
            let results = try await withThrowingTaskGroup(of: AppendResult.self) { group in
                for _ in 0..<16 {
                    group.addTask { try await trial.store.append([event], to: stream, expecting: .noStream, id: id) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.count { !$0.wasReplayed } == 1, "one appended, the others got its result")
            #expect(Set(results.map(\.lastPosition)).count == 1)
            #expect(try await trial.numbers(in: stream) == [1])
        },
    ]
}
