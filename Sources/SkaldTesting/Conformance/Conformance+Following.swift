import EventSourcing
import Testing

extension EventStoreConformance {
    static let following = [
        EventStoreConformance("a follower gets every event once and in order while writers write [ES6, ES7, ES9]") {
            trial in
            let (writers, perWriter) = (6, 40)
            let streams = try (0..<writers).map { try trial.stream("w\($0)") }
            let start = try await trial.cursor()
            // What lies there already, so that the follower catches up first and goes live in the midst of it.
            for stream in streams {
                try await trial.store.append(trial.events(0..<5), to: stream, expecting: .noStream)
            }
            let seen = try await withThrowingTaskGroup(of: Void.self) { group in
                for stream in streams {
                    group.addTask {
                        for number in 5..<perWriter {
                            try await trial.store.append([trial.event(number)], to: stream, expecting: .any)
                        }
                    }
                }
                async let first = trial.follow(Set(streams), after: start, count: writers * perWriter)
                async let second = trial.follow(Set(streams), after: start, count: writers * perWriter)
                try await group.waitForAll()
                let (one, other) = try await (first, second)
                #expect(one == other, "all followers see the same log")
                return one
            }
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.position < $1.position })
            for stream in streams {
                #expect(try seen.filter { $0.stream == stream }.map(Trial.number) == Array(0..<perWriter))
            }
        },
        EventStoreConformance("a follower that has caught up is woken by the next append") { trial in
            let stream = try trial.stream("wake")
            let start = try await trial.cursor()
            try await trial.withDeadline("a follower to be woken twenty times") {
                let (delivered, delivery) = AsyncStream.makeStream(of: Int.self)
                async let follower: Void = {
                    for try await event in trial.store.follow(after: start) where event.stream == stream {
                        delivery.yield(try Trial.number(event))
                        if event.version == 19 { break }
                    }
                }()
                var deliveries = delivered.makeAsyncIterator()
                for number in 0..<20 {
                    // Gives the follower a chance to begin its wait; the promise holds either way.
                    for _ in 0..<20 { await Task.yield() }
                    try await trial.store.append([trial.event(number)], to: stream, expecting: .any)
                    #expect(await deliveries.next() == number)
                }
                try await follower
            }
        },
        EventStoreConformance("a wait that began before an append ends after it") { trial in
            let stream = try trial.stream("wait")
            let state = try await trial.store.logState()
            let head = LogCursor(generation: state.generation, position: state.watermark)
            try await trial.withDeadline("waitForEvents to return") {
                async let wait: Void = trial.store.waitForEvents(after: head)
                try await trial.store.append([trial.event(0)], to: stream, expecting: .noStream)
                try await wait
            }
        },
        EventStoreConformance("following goes on from the cursor of any event, without a gap and without a repetition")
        {
            trial in
            let stream = try trial.stream("resume")
            let start = try await trial.cursor()
            try await trial.store.append(trial.events(0..<10), to: stream, expecting: .noStream)
            let all = try await trial.follow([stream], after: start, count: 10)
            for index in 0..<9 {
                let rest = try await trial.follow([stream], after: all[index].cursor, count: 9 - index)
                #expect(rest == Array(all[(index + 1)...]))
            }
        },
        EventStoreConformance("a follower ends when its task is cancelled") { trial in
            let state = try await trial.store.logState()
            let head = LogCursor(generation: state.generation, position: state.watermark)
            try await trial.withDeadline("the cancelled followers to end") {
                for round in 0..<10 {
                    await withTaskGroup(of: Void.self) { group in
                        group.addTask {
                            do {
                                for try await _ in trial.store.follow(after: head) {}
                            } catch {
                                Issue.record(error, "cancelling is no error of the store")
                            }
                        }
                        // Sometimes before it has begun to wait, sometimes in the midst of it.
                        for _ in 0..<round * 20 { await Task.yield() }
                        group.cancelAll()
                    }
                }
            }
        },
    ]
}
