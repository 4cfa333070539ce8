import Foundation
import Testing

@testable import EmbeddedPostgres

@Suite struct `Processes` {
    @Test func `a program's output is collected and its input fed, however long`() throws {
        let text = String(repeating: "a line of some length\n", count: 50_000)
        #expect(try Command(["/bin/cat"], input: text).run() == text)
    }

    @Test func `a failing program's words and status are in the error`() {
        let error = #expect(throws: EmbeddedPostgresError.self) {
            try Command(["/bin/sh", "-c", "echo the reason >&2; exit 3"]).run()
        }
        #expect(error?.code == .commandFailed)
        #expect(error?.message.contains("(status 3): the reason") == true)
    }

    @Test func `a program that takes too long is killed`() {
        let error = #expect(throws: EmbeddedPostgresError.self) {
            try Command(["/bin/sh", "-c", "exec sleep 600"], patience: .milliseconds(50)).run()
        }
        #expect(error?.message.contains("was killed") == true)
    }

    @Test func `a program that is not there is named`() {
        let error = #expect(throws: EmbeddedPostgresError.self) { try Command(["/no/such/program"]).run() }
        #expect(error?.message.contains("cannot run /no/such/program: No such file") == true)
    }

    @Test func `variables that would redirect PostgreSQL's programs are not passed on`() {
        let kept = Command.quietEnvironment(["PGHOST": "elsewhere", "PGOPTIONS": "-c fsync=off", "HOME": "/home/me"])
        #expect(kept == ["HOME": "/home/me", "LC_ALL": "C"])
    }

    @Test func `both ways of reading the process table agree`() throws {
        let me = getpid()
        let viaPS = try ProcessTable.fromPS()
        #expect(viaPS.first { $0.pid == me }?.parent == getppid())
        #if os(Linux)
            #expect(ProcessTable.fromProc().first { $0.pid == me }?.parent == getppid())
        #endif
    }

    @Test(arguments: [
        ("plain", "plain"), ("", "''"), ("two words", "'two words'"), ("it's", #"'it\'s'"#), (#"a\b"#, #"'a\\b'"#),
    ]) func `values of a connection string are quoted as libpq reads them`(value: String, text: String) {
        #expect(ConnectionString(parameters: [("k", value)]).text == "k=\(text)")
    }

    @Test func `a long $TMPDIR is passed over for a place whose socket path fits`() async throws {
        try await withScratchFolder { scratch in
            let long = scratch + "/" + String(repeating: "x", count: 80)
            try FileManager.default.createDirectory(atPath: long, withIntermediateDirectories: false)
            let user = try ServerUser.choose()
            #expect(!RunFolder.suits(long, user))
            #expect(RunFolder.suits(scratch, user))
            let made = try RunFolder(for: user, places: [long, scratch])
            #expect(made.path.hasPrefix("\(scratch)/\(RunFolder.namePrefix)"))
            #expect("\(made.socketFolder)/.s.PGSQL.65535".utf8.count <= RunFolder.longestSocketPath)
            let error = #expect(throws: EmbeddedPostgresError.self) { _ = try RunFolder(for: user, places: [long]) }
            #expect(error?.message.contains("Set TMPDIR") == true)
        }
    }
}
