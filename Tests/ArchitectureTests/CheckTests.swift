import Testing

/// The checks themselves: each finds what it is for, and leaves alone what it is not.
@Suite struct CheckTests {
    private func file(_ path: String, _ text: String) -> House.File { House.File(path: path, text: text) }

    @Test(arguments: [
        ("Sources/Postgres/X.swift", "import EventSourcing"),
        ("Sources/EventSourcing/X.swift", "public import Postgres"),
        ("Sources/PostgresEventStore/X.swift", "@preconcurrency import CLibPQ"),
        ("Sources/Projections/X.swift", "import struct Sagas.SagaID"),
        ("Sources/Sagas/X.swift", "@_spi(Lanes) public import Projections"),
        ("Sources/Outbox/X.swift", "import ArgumentParser"),
        ("Sources/Postgres/X.swift", "import NIOCore"),
        ("Sources/Sagas/X.swift", "import Hummingbird"),
        ("Sources/SkaldCLI/X.swift", "import SkaldTesting"),
        ("Tests/SagasTests/X.swift", "import CLibPQ"),
        ("Migrations/X.swift", "import Postgres"),
        ("SampleApps/Booking/X.swift", "import Testing"),
    ])
    func `a forbidden import is found, with file, line and what to do`(path: String, line: String) throws {
        let complaints = Checks.arrows(in: file(path, "// A file.\n\(line)\nlet x = 1\n"))
        #expect(complaints.count == 1)
        let complaint = try #require(complaints.first)
        #expect(complaint.hasPrefix("\(path):2: "))
        #expect(complaint.contains("may not import") && complaint.contains("Arrows.swift"))
    }

    @Test func `allowed imports, comments, strings and other words are left alone`() {
        let text = #"""
            #if canImport(FoundationEssentials)
                public import FoundationEssentials
            #endif
            import EventSourcing  // import Sagas
            /// import Sagas
            let important = "import Sagas"
            let program = """
                import Sagas
                """
            public import Postgres
            """#
        #expect(Checks.arrows(in: file("Sources/PostgresEventStore/X.swift", text)).isEmpty)
        #expect(Import.all(in: text).map(\.line) == [2, 4, 10])
    }

    @Test func `a file of no target is found`() {
        #expect(Checks.arrows(in: file("Sources/Stray/X.swift", "")).count == 1)
        // A folder whose name begins like another's is not that other.
        #expect(Checks.arrows(in: file("Sources/PostgresEventStore/X.swift", "import Postgres")).isEmpty)
    }

    @Test func `a library that sets up logging is found, a program is not`() {
        let text = "LoggingSystem.bootstrap(StreamLogHandler.standardError)"
        #expect(Checks.bootstraps(in: file("Sources/Outbox/X.swift", text)).count == 1)
        #expect(Checks.bootstraps(in: file("Sources/OutboxRelay/X.swift", text)).isEmpty)
        #expect(Checks.bootstraps(in: file("Sources/Outbox/X.swift", "    /// \(text)")).isEmpty)
    }

    @Test func `501 lines are found and 500 are not`() {
        #expect(Checks.length(of: file("X.swift", String(repeating: "\n", count: 500))).isEmpty)
        #expect(Checks.length(of: file("X.swift", String(repeating: "\n", count: 501))).count == 1)
    }

    @Test func `what is left for later is found`() {
        #expect(Checks.leftovers(in: file("X.swift", "let x = 1  // TO" + "DO: two")).count == 1)
        #expect(Checks.leftovers(in: file("X.swift", "let todo = 1\n// a FIX" + "ME\n")).count == 1)
        #expect(Checks.leftovers(in: file("X.swift", "let todo = mastodon")).isEmpty)
    }

    @Test(arguments: ["skald_events", "my_skald", "'skald_wakeup'", "skalds", "askald.x", "skald_writers"])
    func `the schema's name as a part of another word is found`(text: String) {
        #expect(Checks.schemaName(in: file("Migrations/0001_x.sql", "select 1;\nselect \(text);")).count == 1)
    }

    @Test(arguments: [
        "skald.events", "search_path = skald, pg_temp", "skald_owner", "'skald.session'", "schema skald", "Skald",
    ])
    func `the schema and its roles are left alone`(text: String) {
        #expect(Checks.schemaName(in: file("Migrations/0001_x.sql", text)).isEmpty)
    }
}
