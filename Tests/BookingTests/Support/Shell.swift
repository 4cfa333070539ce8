import Foundation
import Testing

/// Runs a script as a user would who pastes it.
enum Shell {
    static func run(_ script: String) async throws -> String {
        let (status, output) = try await run(URL(filePath: "/bin/sh"), ["-c", script])
        #expect(status == 0, "\(output)")
        return output
    }

    /// Runs a program to its end. Returns its exit status, and what it printed.
    static func run(_ program: URL, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let log = FileManager.default.temporaryDirectory.appending(path: "booking-\(UUID().uuidString).log")
        try Data().write(to: log)
        defer { try? FileManager.default.removeItem(at: log) }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: log)
        process.standardError = process.standardOutput
        let ended = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in ended.continuation.finish() }
        try process.run()
        for await _ in ended.stream {}
        return (process.terminationStatus, try String(contentsOf: log, encoding: .utf8))
    }
}
