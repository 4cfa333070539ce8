import EmbeddedPostgres
import Synchronization
import Testing

@testable import SkaldTesting

@Suite struct `Test databases` {
    @Test func `a template is prepared once and copied for every database`() async throws {
        let preparations = Atomic(0)
        let template = TestTemplate("once") { database in
            preparations.add(1, ordering: .relaxed)
            try await database.psql("create table note (text text)")
        }
        let names = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<8 {
                group.addTask {
                    try await withTestDatabase(template) { database in
                        let seen = try await database.psql(
                            "insert into note values ('\(number)'); select string_agg(text, ',') from note")
                        #expect(seen == "\(number)", "every database begins empty")
                        return database.name
                    }
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(names.count == 8)
        #expect(preparations.load(ordering: .relaxed) == 1)
    }

    @Test func `each role is a login with its group's rights and no others`() async throws {
        let template = TestTemplate("roles", rolePrefix: "trial") { database in
            let script = """
                create role trial_writer; create role trial_reader; create role trial_operator;
                create table note (text text);
                grant insert, select on note to trial_writer; grant select on note to trial_reader;
                """
            try await database.psql(script)
        }
        try await withTestDatabase(template) { database in
            #expect(try await database.psql("select current_setting('is_superuser')", as: .owner) == "on")
            #expect(try await database.psql("select current_setting('is_superuser')", as: .writer) == "off")
            try await database.psql("insert into note values ('a')", as: .writer)
            #expect(try await database.psql("select text from note", as: .reader) == "a")
            await #expect { try await database.psql("insert into note values ('b')", as: .reader) } throws: {
                "\($0)".contains("permission denied for table note")
            }
            await #expect { try await database.psql("select text from note", as: .operator) } throws: {
                "\($0)".contains("permission denied for table note")
            }
        }
    }

    @Test func `nobody is connected to a database after its scope, even when the body throws`() async throws {
        struct Deliberate: Error {}
        let outer = try await withTestDatabase { outer in
            await #expect(throws: Deliberate.self) {
                try await withTestDatabase { inner in
                    try await outer.psql("create table inner_name as select '\(inner.name)' as name")
                    throw Deliberate()
                }
            }
            let inner = try await outer.psql("select name from inner_name")
            await #expect { try await outer.server.psql("select", database: inner) } throws: {
                "\($0)".contains("is not currently accepting connections")
            }
            return outer
        }
        await #expect(throws: EmbeddedPostgresError.self) { try await outer.psql("select") }
    }

    @Test func `closed databases are removed before they fill the disk`() async throws {
        // A server of its own: on the shared one a backend that another test has stopped can hold a removal up.
        try await EmbeddedPostgres.with { server in
            let databases = TestDatabases(discardedAtMost: 2)
            var names: [String] = []
            for _ in 0..<4 {
                let database = try await databases.make(TestTemplate("short-lived") { _ in }, on: server)
                names.append(database.name)
                try await databases.discard(database)
            }
            let left = try await server.psql("select datname from pg_database where datname like 'test%short-lived'")
            #expect(left == names.last, "three went together; the fourth is one of at most two")
        }
    }

    @Test func `a preparation that failed is tried again`() async throws {
        struct Deliberate: Error {}
        let attempts = Atomic(0)
        let template = TestTemplate("flaky") { database in
            try await database.psql("create table half_made ()")
            if attempts.add(1, ordering: .relaxed).newValue == 1 { throw Deliberate() }
        }
        await #expect(throws: Deliberate.self) { try await withTestDatabase(template) { _ in } }
        try await withTestDatabase(template) { _ in }
        #expect(attempts.load(ordering: .relaxed) == 2)
    }

    @Test func `without the trait there is no current database`() {
        #expect(throws: NoTestDatabase.self) { try TestDatabase.current }
    }
}

@Suite(.testDatabase()) struct `A suite with a database` {
    private static let seen = Mutex(Set<String>())

    @Test(arguments: 0..<3) func `its tests share one database`(_: Int) async throws {
        let database = try TestDatabase.current
        #expect(try await database.psql("select current_database()") == database.name)
        let names = Self.seen.withLock { seen in
            seen.insert(database.name)
            return seen
        }
        #expect(names.count == 1)
    }
}
