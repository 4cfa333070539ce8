import Foundation

@testable import EmbeddedPostgres

/// Looks again until the condition holds; false when the deadline has passed.
func eventually(within limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        if ContinuousClock.now >= deadline { return false }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return true
}

func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
}

func isRunning(_ pid: Int32) throws -> Bool {
    try !ProcessTable.areGone([pid])
}

/// The System V segment that a postmaster made and has not removed, if any.
func segmentIsLeft(by pid: Int32) throws -> Bool {
    try Command(["/usr/bin/ipcs", "-m", "-p"]).run().split(whereSeparator: \.isWhitespace).contains("\(pid)")
}

/// Gives `body` a folder of its own that everybody may pass through, and removes it.
func withScratchFolder<R>(_ body: (String) async throws -> R) async throws -> R {
    let path = "/tmp/skald-test-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// An executable shell script.
///
/// Written by another process: a file that is open for writing here is inherited for a moment by whatever another test
/// starts, and cannot be run in that moment ("text file busy").
func writeScript(_ path: String, _ body: String) throws {
    _ = try Command(["/bin/sh", "-c", #"cat >"$0" && chmod 755 "$0""#, path], input: "#!/bin/sh\n\(body)\n").run()
}

let isRoot = geteuid() == 0
