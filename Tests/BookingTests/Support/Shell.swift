import SkaldTesting
import Testing

/// Runs a script as a user would who pastes it.
enum Shell {
    static func run(_ script: String) async throws -> String {
        let finished = try await ChildProgram.run("/bin/sh", ["-c", "exec 2>&1\n\(script)"])
        #expect(finished.status == 0, "\(finished.output)")
        return finished.output
    }
}
