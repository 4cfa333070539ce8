import EmbeddedPostgres
import EventSourcing
import PostgresEventStore
import SkaldTesting
import Testing

/// ES9: what an operator has to do when files of the server are put back as they were, and what it prevents.
@Suite struct GenerationTests {
    private static let begin = "select skald.begin_generation('ann', 'base backup put back')"

    /// After a start from files the sequence is up to 32 positions ahead, so what is lost has to be more.
    private static func append(
        _ prefix: String, count: Int = 60, _ store: PostgresEventStore
    ) async throws -> LogCursor {
        for number in 0..<count { try await store.appendOne(to: "\(prefix)-\(number)") }
        var last: LogCursor?
        for try await event in store.readAll() { last = event.cursor }
        return try #require(last)
    }

    /// A cursor into what a copy of the files lacks, read from the copy when that has used the positions for other events.
    private static func readBeyondTheCopy(begin: String) async throws {
        try await EmbeddedPostgres.with { primary in
            try await withTestDatabase(.skald, on: primary) { database in
                let kept = try await database.withStore { store in try await Self.append("kept", store) }
                try await withCopy(of: primary) { folder in
                    let lost = try await database.withStore { store in try await Self.append("lost", store) }
                    try await EmbeddedPostgres.with(.init(storage: .folder(folder))) { server in
                        let copy = database.on(server)
                        try await copy.psql(begin, as: .operator)
                        try await copy.withStore { store in
                            let other = try await Self.append("other", store)
                            #expect(other.position >= lost.position, "the positions were used again")
                            await #expect(throws: EventStoreError.self) {
                                try await store.readLogPage(after: lost, limit: 100)
                            }
                            let page = try await store.readLogPage(after: kept, limit: 100)
                            #expect(page.events.map(\.stream.name).allSatisfy { $0.hasPrefix("other-") })
                            #expect(page.events.count == 60)
                        }
                    }
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `ES9: in a copy that is put back cursors into what it lacks are refused once a generation is begun`()
        async throws
    {
        try await Self.readBeyondTheCopy(begin: Self.begin)
    }

    @Test(.timeLimit(.minutes(3)))
    func `ES9: where none is begun, a reader passes over what got the lost positions`() async throws {
        try await withKnownIssue("nothing shows that the files are a copy") {
            try await Self.readBeyondTheCopy(begin: "select 1")
        } matching: { issue in
            if case .expectationFailed = issue.kind { true } else { false }
        }
    }

    @Test func `an operator begins a generation where it is said, and it is kept who and why`() async throws {
        try await withTestDatabase(.skald) { database in
            let last = try await database.withStore { store in try await Self.append("kept", store) }
            let first = try await database.psql(
                "select skald.begin_generation('ann', 'why not', \(last.position.rawValue - 3))", as: .operator)
            let second = try await database.psql(Self.begin, as: .operator)
            let third = try await database.psql(Self.begin, as: .operator)
            let numbers = try [first, second, third].map { try #require(Int($0)) }
            #expect(numbers[0] < numbers[1] && numbers[1] < numbers[2])
            #expect(
                try await database.psql(
                    "select target ->> 'from_position', actor, reason from skald.operation_list order by number")
                        == """
                        \(last.position.rawValue - 3)|ann|why not
                        \(last.position.rawValue + 1)|ann|base backup put back
                        \(last.position.rawValue + 1)|ann|base backup put back
                        """)
            try await database.withStore { store in
                await #expect(throws: EventStoreError.self) { try await store.readLogPage(after: last, limit: 1) }
                let (status, more) = (try await store.status(), try await Self.append("more", store))
                #expect(status.generation.rawValue == Int64(numbers[2]))
                #expect(more.generation == status.generation)
            }
        }
    }

    @Test(arguments: [
        (call: "'ann', 'why', 5", role: TestDatabase.Role.operator),
        (call: "'ann', 'why', 0", role: TestDatabase.Role.operator),
        (call: "'ann', ' '", role: TestDatabase.Role.operator), (call: "'ann', 'why'", role: TestDatabase.Role.writer),
    ])
    func `a generation that would hide lost events, or say nothing of its cause, is refused`(
        _ bad: (call: String, role: TestDatabase.Role)
    ) async throws {
        try await withTestDatabase(.skald) { database in
            await #expect(throws: (any Error).self) {
                try await database.psql("select skald.begin_generation(\(bad.call))", as: bad.role)
            }
            let generations = try await database.count("select count(*) from skald.generations")
            #expect(generations == 1)
        }
    }
}
