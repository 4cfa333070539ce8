import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// Two stores, each with connections of its own, as in two processes.
@Suite struct SeveralStoresTests {
    @Test func `ES4, ES5, ES7: two stores that append to the same streams keep each stream in order`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.withStore { first in
                try await database.withStore { second in
                    let won = try await withThrowingTaskGroup(of: Int.self) { group in
                        for (number, store) in [first, second, first, second].enumerated() {
                            group.addTask {
                                for round in 0..<50 { try await store.appendOne(to: "any-\((round + number) % 7)") }
                                return 0
                            }
                            group.addTask { try await Self.race(store, rounds: 40) }
                        }
                        return try await group.reduce(0, +)
                    }
                    // Of all who expect one version, one wins.
                    #expect(won == 40)
                    #expect(try await database.count("select count(*) from skald.events where stream = 'race-1'") == 40)
                }
            }
            #expect(try await database.count("select count(*) from skald.events where stream like 'any-%'") == 200)
        }
    }

    /// Tries to append each version in turn; returns how often it was the one to succeed.
    private static func race(_ store: PostgresEventStore, rounds: Int) async throws -> Int {
        var won = 0
        for version in 0..<rounds {
            do {
                try await store.appendOne(
                    to: "race-1", expecting: version == 0 ? .noStream : .version(StreamVersion(Int64(version - 1))))
                won += 1
            } catch let error as EventStoreError where error.code == .versionConflict {
                // Another was faster, so the version is there.
                #expect((error.actual?.rawValue ?? -1) >= Int64(version))
            }
        }
        return won
    }

    /// - Parameter listens: with it the poll interval is so long that only a notification can wake the follower in time.
    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func `ES15: a follower hears of another process's appends, by notification or by polling`(
        _ listens: Bool
    ) async throws {
        try await withTestDatabase(.skald) { database in
            var configuration = PostgresEventStore.Configuration()
            configuration.listens = listens
            configuration.pollInterval = listens ? .seconds(600) : .milliseconds(50)
            try await database.withStore(configuration: configuration) { reader in
                try await database.withStore { writer in
                    try await writer.appendOne(to: "woken-0")
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        let seen = Tally()
                        group.addTask {
                            for try await _ in reader.follow() {
                                seen.add()
                                if seen.count == 6 { return }
                            }
                        }
                        for number in 1...5 {
                            try await eventually("the follower has read what is there") { seen.count == number }
                            try await writer.appendOne(to: "woken-\(number)")
                        }
                        try await group.waitForAll()
                    }
                }
            }
        }
    }
}
