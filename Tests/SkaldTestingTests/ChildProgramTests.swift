import Foundation
import SkaldTesting
import Testing

/// Programs run as child processes: what they say, how they end, and that none is left behind.
struct ChildProgramTests {
    @Test func `what a program has said is known, and how it has ended`() async throws {
        let finished = try await shell("echo out; echo err >&2; exit 3")
        #expect(finished.status == 3)
        #expect(finished.output == "out\n" && finished.error == "err\n")
        #expect(try await shell("kill -ABRT $$").status == -SIGABRT)
    }

    @Test func `a program that has ended is collected, though nobody asks for its end`() async throws {
        let program = try ChildProgram("/bin/sh", ["-c", "kill -SEGV $$"])
        // As long as it is not collected its number is taken.
        try await eventually("it is collected") { kill(program.processID, 0) != 0 }
        #expect(try await program.end() == -SIGSEGV)
    }

    @Test func `the end of a program is not put off by a child of its own that lives on`() async throws {
        let program = try ChildProgram("/bin/sh", ["-c", "sleep 30 & echo $!; kill -KILL $$"])
        #expect(try await program.end(within: .seconds(20)) == -SIGKILL)
        let child = try #require(Int32(try await program.line()))
        #expect(kill(child, SIGKILL) == 0, "it was still there")
    }

    @Test func `a program that runs on is killed when nobody has it in hand any more`() async throws {
        var program: ChildProgram? = try ChildProgram("/bin/sh", ["-c", "exec sleep 600"])
        let id = try #require(program?.processID)
        #expect(kill(id, 0) == 0)
        program = nil
        #expect(kill(id, 0) != 0)
    }

    @Test func `a program that is not there is named`() {
        let error = #expect(throws: ChildProgramError.self) { try ChildProgram("/no/such/program") }
        #expect(error?.description.contains("/no/such/program") == true)
    }

    private func shell(_ script: String) async throws -> ChildProgram.Finished {
        try await ChildProgram.run("/bin/sh", ["-c", script])
    }
}
