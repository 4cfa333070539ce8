import EmbeddedPostgres
import Foundation
import SkaldTesting
import Testing

/// Runs a streaming standby of a server for as long as `body` runs.
func withStandby<R>(of primary: EmbeddedPostgres, _ body: (EmbeddedPostgres) async throws -> R) async throws -> R {
    try await withCopy(of: primary, "--write-recovery-conf") { copy in
        try await EmbeddedPostgres.with(.init(storage: .folder(copy)), body)
    }
}

/// Gives `body` the folder of a base backup of a server, which can be started.
func withCopy<R>(
    of primary: EmbeddedPostgres, _ arguments: String..., body: (_ folder: String) async throws -> R
) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appending(path: "skald-standby-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try run(
        primary.programFolder + "/pg_basebackup",
        ["--pgdata", folder + "/data", "--checkpoint", "fast", "--no-sync", "--dbname", primary.connectionString()]
            + arguments)
    // Where the tests run as root, the server does not.
    let owner = try FileManager.default.attributesOfItem(atPath: primary.dataFolder)
    let (user, group) = (owner[.ownerAccountID] ?? "", owner[.groupOwnerAccountID] ?? "")
    try run("/bin/chown", ["-R", "\(user):\(group)", folder])
    return try await body(folder)
}

private func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(program) failed")
}
