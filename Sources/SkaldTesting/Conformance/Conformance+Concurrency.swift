import EventSourcing
import Testing

extension EventStoreConformance {
    static let concurrency = [
        EventStoreConformance("of many writers who expect the same version one wins [ES5]") { trial in
            let stream = try trial.stream("race")
            for round in 0..<10 {
                let expected = ExpectedVersion(after: round == 0 ? nil : StreamVersion(Int64(round - 1)))
                let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            do {
                                try await trial.store.append([trial.event(round)], to: stream, expecting: expected)
                                return true
                            } catch let error as EventStoreError where error.code == .versionConflict {
                                #expect(
                                    error.actual == StreamVersion(Int64(round)), "a loser learns the actual version")
                                return false
                            }
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(wins == 1, "round \(round)")
            }
            #expect(try await trial.numbers(in: stream) == Array(0..<10))
        },
        EventStoreConformance("writers without an expectation all get in, without holes and repetitions [ES4]") {
            trial in
            let stream = try trial.stream("crowd")
            let results = try await withThrowingTaskGroup(of: AppendResult.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await trial.store.append(
                            trial.events(number * 3..<number * 3 + 3), to: stream, expecting: .any)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(results.map(\.firstVersion.rawValue)) == Set(stride(from: 0, to: 300, by: 3)))
            let numbers = try await trial.numbers(in: stream)
            #expect(numbers.sorted() == Array(0..<300))
            for result in results {
                let first = Int(result.firstVersion.rawValue)
                #expect(
                    numbers[first] % 3 == 0 && numbers[first + 2] == numbers[first] + 2, "an append stays whole [ES3]")
            }
        },
        EventStoreConformance("appends to several streams that cross each other neither deadlock nor tear [ES3]") {
            trial in
            let streams = try (0..<4).map { try trial.stream("cross\($0)") }
            try await trial.withDeadline("crossing appends to finish") {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<60 {
                        group.addTask {
                            let order = number.isMultiple(of: 2) ? streams : streams.reversed()
                            try await trial.store.append(
                                order.map { StreamAppend([try trial.event(number)], to: $0, expecting: .any) })
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let all = try await trial.numbers(in: streams[0])
            #expect(all.sorted() == Array(0..<60))
            for stream in streams { #expect(try await trial.numbers(in: stream) == all, "the same order in each") }
        },
        EventStoreConformance("commands that race for one stream all take effect once [ES5]") { trial in
            let stream = try trial.stream("counter")
            let policy = ConflictRetry(maximumAttempts: 200, maximumDelay: .milliseconds(20))
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<24 {
                    group.addTask {
                        try await trial.store.execute((), by: Counter(), on: stream.key, retry: policy).state
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.sorted() == Array(1...24), "each saw a count that no other saw")
        },
    ]
}

/// Counts its commands.
private struct Counter: Decider {
    let initialState = 0

    func decide(_ command: Void, in state: Int) -> [Counted] { [.counted(to: state + 1)] }

    func evolve(_ state: inout Int, with event: Counted) {
        switch event {
        case .counted(let count): state = count
        }
    }
}

private enum Counted: Event {
    static let category: StreamCategory = "conformance"
    case counted(to: Int)
}
