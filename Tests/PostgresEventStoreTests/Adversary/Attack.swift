import EmbeddedPostgres
import Logging
import Postgres
import SkaldTesting

/// Many hostile writers, some readers with cursors, and a disturber, on one database.
struct Attack {
    let database: TestDatabase
    var writers = 40
    var followers = 3

    struct Record {
        let appends: [AttackedAppend]
        /// What each follower was given, in that order.
        let given: [[GivenEvent]]
        /// What full scans saw, at different times.
        let scans: [[GivenEvent]]
        /// What is in the table, by position.
        let stored: [GivenEvent]
        /// An event that is visible at or below a follower's cursor, and was never given to it (ES9).
        let lost: GivenEvent?
    }

    /// Attacks for a time, or longer until enough has happened, then lets the followers catch up. Ends early when an event is lost.
    func run(for duration: Duration) async throws -> Record {
        var configuration = PostgresClient.Configuration(connectionString: database.connectionString(.writer))
        configuration.applicationName = "hostile"
        configuration.maximumExclusiveConnections = writers
        configuration.sharedConnections = 4
        configuration.waitDeadline = .seconds(30)
        return try await PostgresClient.with(configuration, logger: .silent) { hostile in
            try await database.withClient(as: .reader) { reader in
                try await database.withClient(as: .owner) { owner in
                    try await run(until: .now + duration, hostile, reader, owner)
                }
            }
        }
    }

    private func run(
        until end: ContinuousClock.Instant, _ hostile: PostgresClient, _ reader: PostgresClient, _ owner: PostgresClient
    ) async throws -> Record {
        let journal = Journal()
        let followers = (0..<followers).map { _ in Follower() }
        var scans: [[GivenEvent]] = []
        var lost: GivenEvent?
        try await withThrowingTaskGroup { group in
            for _ in 0..<writers {
                group.addTask { await HostileWriter(client: hostile, journal: journal).run() }
            }
            group.addTask { try await Disturber(client: owner, journal: journal).run() }
            for follower in followers {
                group.addTask { while !journal.isOver { try await follower.read(reader) } }
            }
            defer { journal.stop() }
            while lost == nil, ContinuousClock.now < end || isTooQuiet(journal, since: end) {
                scans.append(try await scan(reader))
                lost = try await lostEvent(followers, owner)
            }
            journal.stop()
            try await group.waitForAll()
        }
        let stored = try await events(owner)
        for follower in followers { try await catchUp(follower, to: stored.last?.position ?? 0, reader) }
        scans.append(try await scan(reader))
        return Record(
            appends: journal.all, given: followers.map(\.events), scans: scans, stored: stored,
            lost: try await lostEvent(followers, owner))
    }

    /// A loaded machine gets less done in the time, and an attack in which little happens proves little.
    private func isTooQuiet(_ journal: Journal, since end: ContinuousClock.Instant) -> Bool {
        journal.all.count < Self.fewestAppends && ContinuousClock.now < end + .seconds(60)
    }

    private static let fewestAppends = 800

    /// ES15: with nobody writing any more, a few reads give everything.
    private func catchUp(_ follower: Follower, to last: Int64, _ reader: PostgresClient) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while follower.cursor < last, ContinuousClock.now < deadline { try await follower.read(reader) }
    }

    private func scan(_ reader: PostgresClient) async throws -> [GivenEvent] {
        try await reader.query("select \(GivenEvent.columns) from skald.read_all(0, 1000000)").map {
            try GivenEvent($0)
        }
    }

    private func events(_ owner: PostgresClient) async throws -> [GivenEvent] {
        try await owner.query("select \(GivenEvent.columns) from skald.events order by position").map {
            try GivenEvent($0)
        }
    }

    private func lostEvent(_ followers: [Follower], _ owner: PostgresClient) async throws -> GivenEvent? {
        for follower in followers {
            let (given, cursor) = (Set(follower.events.map(\.position)), follower.cursor)
            let rows = try await owner.query(
                "select \(GivenEvent.columns) from skald.events where position <= \(cursor) order by position")
            for row in rows {
                let event = try GivenEvent(row)
                if event.position <= cursor, !given.contains(event.position) { return event }
            }
        }
        return nil
    }
}
