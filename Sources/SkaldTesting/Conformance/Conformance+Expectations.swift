import EventSourcing
import Testing

extension EventStoreConformance {
    static let expectations = [
        EventStoreConformance("each kind of expectation is met, and refused where it is wrong [ES5]") { trial in
            // What is expected, whether of an empty stream or one at version 1, and whether that is right.
            let table: [(ExpectedVersion, isThere: Bool, isRight: Bool)] = [
                (.noStream, false, true), (.noStream, true, false),
                (.any, false, true), (.any, true, true),
                (.streamExists, false, false), (.streamExists, true, true),
                (.version(1), false, false), (.version(1), true, true),
                (.version(0), false, false), (.version(0), true, false),
                (.version(2), true, false),
            ]
            for (index, row) in table.enumerated() {
                let stream = try trial.stream("row\(index)")
                if row.isThere { try await trial.store.append(trial.events(0..<2), to: stream, expecting: .noStream) }
                let before = try await trial.numbers(in: stream)
                if row.isRight {
                    let result = try await trial.store.append([trial.event(9)], to: stream, expecting: row.0)
                    #expect(result.firstVersion == StreamVersion(Int64(before.count)), "expecting \(row.0)")
                    #expect(try await trial.numbers(in: stream) == before + [9])
                } else {
                    let error = await trial.expectError(.versionConflict, "expecting \(row.0)") {
                        try await trial.store.append([trial.event(9)], to: stream, expecting: row.0)
                    }
                    let conflict = VersionConflict(stream: stream, expected: row.0, actual: row.isThere ? 1 : nil)
                    #expect(error?.conflicts == [conflict], "a conflict names the actual version")
                    #expect(try await trial.numbers(in: stream) == before, "a refused append leaves nothing behind")
                }
            }
        },
        EventStoreConformance("a stale expectation is refused after the stream went on [ES5]") { trial in
            let stream = try trial.stream("stale")
            let first = try await trial.store.append(trial.events(0..<3), to: stream, expecting: .noStream)
            try await trial.store.append([trial.event(3)], to: stream, expecting: .version(first.lastVersion))
            let error = await trial.expectError(.versionConflict, "the version was taken") {
                try await trial.store.append([trial.event(4)], to: stream, expecting: .version(first.lastVersion))
            }
            #expect(error?.actual == 3)
            #expect(error?.outcome == .failed, "a conflict is certain: nothing was appended")
            #expect(try await trial.numbers(in: stream) == [0, 1, 2, 3])
        },
    ]
}
