import EmbeddedPostgres
import SkaldTesting
import Testing

@Suite("When something is wrong, skald says what, why and what next", .testDatabase(.skald))
struct FailureTests {
    @Test func `a database that cannot be reached`() async throws {
        let run = try await ChildProgram.run(
            "skald", ["log", "status"], environment: ["SKALD_URL": "host=/nowhere password=hunter2"])
        #expect(run.status == 5)
        #expect(run.output.isEmpty)
        #expect(
            run.error.hasPrefix(
                "error: the database cannot be reached\nwhy:   connection to server on socket \"/nowhere/"))
        #expect(run.error.contains("next:  check the connection settings, which come from SKALD_URL\n"))
        #expect(!run.error.contains("hunter2"))
    }

    @Test func `a schema that is not there`() async throws {
        let url = try TestDatabase.current.connectionString(.reader)
        let run = try await ChildProgram.run("skald", ["stream", "ls", "--url", url, "--schema", "other"])
        #expect(run.status == 4)
        #expect(run.error.contains("next:  see 'skald migrate status'"))
    }

    @Test func `rights that are missing`() async throws {
        let database = try TestDatabase.current
        try await database.psql(
            "create role stranger login; grant connect on database \"\(database.name)\" to stranger")
        let url = database.server.connectionString(database: database.name, user: "stranger")
        let run = try await ChildProgram.run("skald", ["log", "status", "--url", url])
        #expect(run.status == 6)
        #expect(run.error.contains("next:  connect as a role that is a member of skald_reader to look"))
    }

    @Test func `a name that is not one`() async throws {
        let url = try TestDatabase.current.connectionString(.reader)
        let run = try await ChildProgram.run("skald", ["log", "status", "--url", url, "--schema", "No Such"])
        #expect(run.status == 2)
        #expect(run.error.hasPrefix("error: "))
    }

    @Test(arguments: [["log", "stat"], ["stream", "ls", "--limit", "0"], ["stream", "cat"], ["nonsense"]])
    func `a command that is not understood is a usage error, and nothing is done`(arguments: [String]) async throws {
        let run = try await ChildProgram.run("skald", arguments)
        #expect(run.status == 2)
        #expect(run.error.contains("Usage: skald"))
        #expect(run.output.isEmpty)
    }

    @Test func `with --json the failure is a document too`() async throws {
        let run = try await ChildProgram.run(
            "skald", ["stream", "cat", "seat-A9", "--json", "--url", TestDatabase.current.connectionString(.reader)])
        #expect(run.status == 3)
        #expect(run.output.isEmpty)
        #expect(
            run.error
                == #"{"error":{"status":3,"what":"there is no stream 'seat-A9'","why":null,"next":"see 'skald stream ls --prefix seat'"}}"#
                + "\n")
    }

    @Test(arguments: [
        ["stream", "ls", "--limit", "0", "--json"], ["saga", "show", "--json"], ["stream", "ls", "--jso"],
    ])
    func `a command that is not understood answers with JSON too, if it was asked for`(arguments: [String]) async throws
    {
        let run = try await ChildProgram.run("skald", arguments)
        #expect(run.status == 2 && run.output.isEmpty)
        #expect(run.error.hasPrefix(#"{"error":{"status":2,"what":""#) == (arguments.last == "--json"), "\(run.error)")
        if arguments.contains("0") {
            #expect(
                run.error
                    == #"{"error":{"status":2,"what":"--limit must be from 1 to 10000.","why":null,"#
                    + #""next":"see 'skald stream ls --help' for more information."}}"# + "\n")
        }
    }

    @Test func `it says its version, and which schema that needs`() async throws {
        let run = try await ChildProgram.run("skald", ["--version"])
        #expect(run.status == 0 && run.error.isEmpty)
        #expect(run.output.contains(/^\S+, schema \d+\n$/), "\(run.output)")
    }

    @Test func `help is no failure, and names the exit statuses`() async throws {
        let run = try await ChildProgram.run("skald", ["--help"])
        #expect(run.status == 0)
        #expect(run.output.contains("5  the database cannot be reached"))
        #expect(run.error.isEmpty)
    }
}
