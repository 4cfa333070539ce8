import ArgumentParser
import EmbeddedPostgres
import Foundation
import SkaldTesting
import Testing

@testable import OutboxRelay

@Suite("A daemon that cannot work says why, and what to do")
struct StartTests {
    private func start(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) async throws -> ChildProgram.Finished {
        try await ChildProgram.run("outbox-relay", arguments + ["--health-port", "0"], environment: environment)
    }

    @Test func `everything wrong with the configuration at once`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "relay-\(UUID().uuidString).conf")
        defer { try? FileManager.default.removeItem(at: file) }
        try "lease.duration = 10\nsink.lane = 4\n".write(to: file, atomically: true, encoding: .utf8)
        let unknown = try await start(["--config", file.path], ["SKALD_RELAY_SINK_NAMES": "x"])
        #expect(unknown.status == 2)
        #expect(
            unknown.error == """
                error: environment: there is no setting for the variable SKALD_RELAY_SINK_NAMES; did you mean SKALD_RELAY_SINK_NAME?
                error: \(file.path):2: there is no setting 'sink.lane'; did you mean sink.lanes?

                """)
        try "lease.duration = 10\n".write(to: file, atomically: true, encoding: .utf8)
        let wrong = try await start(["--check-config"], ["SKALD_RELAY_CONFIG": file.path])
        #expect(wrong.status == 2)
        #expect(
            wrong.error == """
                error: sink.url is not set; give --sink-url, SKALD_RELAY_SINK_URL, or sink.url in the configuration file
                error: lease.duration (\(file.path):1): '10' has no unit; write 10s for seconds or 10ms for milliseconds

                """)
        let missing = try await start(["--config", "/nowhere.conf"])
        #expect(missing.status == 2)
        #expect(
            missing.error == "error: the configuration file /nowhere.conf cannot be read: No such file or directory\n")
        let folder = try await start(["--config", "/"])
        #expect(folder.error == "error: the configuration file / cannot be read: Is a directory\n")
        let secret = try await start(["--check-config"], ["SKALD_RELAY_SINK_TOKEN_FILE": "/nowhere"])
        #expect(secret.status == 2)
        #expect(secret.error.contains("names /nowhere, which cannot be read: No such file or directory\n"))
        #expect(try await start(["--sink-ur", "x"]).status == 2)
    }

    @Test func `a configuration can be checked and printed, and is not given away`() async throws {
        let token = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: token) }
        try "hunter2\n".write(to: token, atomically: true, encoding: .utf8)
        let environment = [
            "DATABASE_URL": "postgres://relay:hunter2@db/app", "SKALD_RELAY_SINK_TOKEN_FILE": token.path,
        ]
        let check = try await start(["--check-config", "--sink-url", "https://bus.example/in"], environment)
        #expect(check.output == "the configuration is valid\n")
        #expect(check.status == 0)
        let printed = try await start(["--print-config", "--sink-url", "https://bus.example/in"], environment)
        #expect(printed.status == 0)
        #expect(printed.output.contains("database.url = postgres://relay:***@db/app"))
        #expect(printed.output.contains(/sink\.token = \*\*\* +# environment SKALD_RELAY_SINK_TOKEN_FILE/))
        #expect(printed.output.contains(/sink\.url = https:\/\/bus\.example\/in +# flag --sink-url/))
        #expect(!printed.output.contains("hunter2"))
        let login = try await start(
            ["--print-config", "--sink-url", "https://me:hunter2@bus.example/in?token=hunter2"], environment)
        #expect(login.output.contains("sink.url = https://***@bus.example/in?***"), "\(login.output)")
        #expect(!login.output.contains("hunter2"))
        let wrong = try await start(["--check-config", "--sink-url", "ftp://me:hunter2@bus.example"], environment)
        #expect(wrong.status == 2 && !wrong.error.contains("hunter2"), "\(wrong.error)")
    }

    @Test func `the help names every setting with its variable and default`() async throws {
        let help = try await start(["--help"])
        #expect(help.status == 0)
        let words = help.output.replacing(/\s+/, with: " ")
        for setting in Setting.all {
            #expect(words.contains("--\(setting.flag) <"), "\(setting.key)")
            #expect(words.contains("[\(setting.variable)]"), "\(setting.key)")
            for name in setting.conventions { #expect(words.contains(" \(name)."), "\(setting.key)") }
        }
        #expect(words.contains("7 ended as asked, but not everything in flight was finished in time"))
    }

    @Test func `it says its version, and which schema that needs`() async throws {
        let version = try await start(["--version"])
        #expect(version.status == 0)
        #expect(version.output.contains(/^\S+, schema \d+\n$/), "\(version.output)")
    }

    @Test func `every setting's flag reaches it`() async throws {
        // A text that no setting takes by itself: each flag must lead to its own setting and no other.
        for setting in Setting.all {
            let flags = try Flags.parse(["--\(setting.flag)", "some text"])
            #expect(flags.given == [setting.key: "some text"])
        }
    }

    @Test func `a database that cannot be reached, and the setting that led there`() async throws {
        let run = try await start(
            ["--sink-url", "http://x/"], ["SKALD_RELAY_DATABASE_URL": "host=/nowhere password=hunter2"])
        #expect(run.status == 5)
        #expect(
            run.error.hasPrefix(
                "error: the database cannot be reached\nwhy:   connection to server on socket \"/nowhere/"))
        #expect(run.error.contains("next:  check database.url; it comes from: environment SKALD_RELAY_DATABASE_URL\n"))
        #expect(!run.error.contains("hunter2"))
    }

    @Test func `a schema that is missing, older or newer`() async throws {
        try await withTestDatabase { database in
            let run = try await start(["--sink-url", "http://x/", "--database-url", database.connectionString(.owner)])
            #expect(run.status == 4)
            #expect(run.error.contains("next:  Run `skald migrate apply`"))
        }
        try await withTestDatabase(.skald) { database in
            let url = ["--sink-url", "http://x/", "--database-url", database.connectionString(.writer)]
            try await database.psql(
                "delete from skald.migrations where number = (select max(number) from skald.migrations)")
            let older = try await start(url)
            #expect(older.status == 4)
            #expect(older.error.contains("next:  Run `skald migrate apply`"))
            try await database.psql("insert into skald.migrations (number, name) values (9999, 'from_the_future')")
            #expect(try await start(url).status == 4)
        }
    }

    @Test func `a role without the rights`() async throws {
        try await withTestDatabase(.skald) { database in
            let run = try await start(["--sink-url", "http://x/", "--database-url", database.connectionString(.reader)])
            #expect(run.status == 6)
            #expect(run.error.contains("error: the role skald_test_reader is not a member of skald_writer"))
            #expect(run.error.contains("grant skald_writer to"))
        }
    }

    @Test func `a sink that was registered otherwise`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.psql("select skald.outbox_register('http', 4, null, false)", as: .writer)
            let run = try await start([
                "--sink-url", "http://x/", "--database-url", database.connectionString(.writer), "--sink-lanes", "8",
            ])
            #expect(run.status == 2)
            #expect(run.error.contains("the sink http was registered with 4 lanes"))
        }
    }

    @Test func `a port that is taken`() async throws {
        try await withTestDatabase(.skald) { database in
            try await Endpoint.with { endpoint in
                let port = String(endpoint.url.split(separator: ":")[2].prefix { $0.isNumber })
                let run = try await ChildProgram.run(
                    "outbox-relay",
                    [
                        "--sink-url", endpoint.url, "--database-url", database.connectionString(.writer),
                        "--health-port", port,
                    ])
                #expect(run.status == 2)
                #expect(run.error.contains("error: 127.0.0.1:\(port) cannot be served"))
                #expect(run.error.contains("next:  choose another health.port"))
            }
        }
    }
}
