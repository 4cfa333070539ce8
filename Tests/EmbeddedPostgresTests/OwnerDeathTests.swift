import Foundation
import Synchronization
import Testing

@testable import EmbeddedPostgres

@Suite(.serialized) struct `The owner's death` {
    /// What the child process tells about its server before it dies.
    struct Testament: Codable {
        var server: Int32
        var folder: String

        func write(to path: String) throws {
            try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: path))
        }

        static func read(from path: String) throws -> Testament {
            try JSONDecoder().decode(Testament.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        }
    }

    @Test func `kill -9 of the owner leaves neither server nor folder`() async throws {
        try await withScratchFolder { scratch in
            await #expect(processExitsWith: .signal(SIGKILL)) { [scratch = scratch as String] in
                let server = try await EmbeddedPostgres.start()
                try Testament(server: server.processID, folder: server.runFolder).write(to: "\(scratch)/testament")
                kill(getpid(), SIGKILL)
            }
            let left = try Testament.read(from: "\(scratch)/testament")
            #expect(await eventually { !exists(left.folder) })
            #expect(try !isRunning(left.server))
            #expect(try !segmentIsLeft(by: left.server))
        }
    }

    @Test func `kill -9 of the owner of a paused server leaves nothing either`() async throws {
        try await withScratchFolder { scratch in
            await #expect(processExitsWith: .signal(SIGKILL)) { [scratch = scratch as String] in
                let server = try await EmbeddedPostgres.start()
                try await server.pause()
                try Testament(server: server.processID, folder: server.runFolder).write(to: "\(scratch)/testament")
                kill(getpid(), SIGKILL)
            }
            let left = try Testament.read(from: "\(scratch)/testament")
            #expect(await eventually { !exists(left.folder) })
            #expect(try !isRunning(left.server))
        }
    }

    @Test func `an owner that ends without stopping its server leaves nothing`() async throws {
        try await withScratchFolder { scratch in
            await #expect(processExitsWith: .exitCode(0)) { [scratch = scratch as String] in
                let server = try await EmbeddedPostgres.shared()
                try Testament(server: server.processID, folder: server.runFolder).write(to: "\(scratch)/testament")
                exit(0)
            }
            let left = try Testament.read(from: "\(scratch)/testament")
            #expect(await eventually { !exists(left.folder) })
            #expect(try !isRunning(left.server))
        }
    }

    @Test func `a server whose last reference is dropped ends`() async throws {
        var server: EmbeddedPostgres? = try await EmbeddedPostgres.start()
        let folder = try #require(server?.runFolder)
        #expect(exists(folder))
        server = nil
        #expect(await eventually { !exists(folder) })
    }

    @Test func `a later start cleans up what an owner and its watchdog left`() async throws {
        try await withScratchFolder { scratch in
            await #expect(processExitsWith: .signal(SIGKILL)) { [scratch = scratch as String] in
                // A place of its own, or another test's start would clean it first.
                setenv("TMPDIR", scratch, 1)
                let server = try await EmbeddedPostgres.start()
                try Testament(server: server.processID, folder: server.runFolder).write(to: "\(scratch)/testament")
                let watchdog = server.server.withLock { $0.watchdog.pid }
                kill(watchdog, SIGKILL)
                _ = try await eventually { try !isRunning(watchdog) }
                kill(getpid(), SIGKILL)
            }
            let left = try Testament.read(from: "\(scratch)/testament")
            #expect(try isRunning(left.server), "nobody was there to stop it")
            #expect(left.folder.hasPrefix(scratch))
            Leftovers.clean(in: [scratch])
            #expect(try !isRunning(left.server))
            #expect(!exists(left.folder))
            #expect(try !segmentIsLeft(by: left.server))
        }
    }

    @Test func `a living owner's folder is not a leftover`() async throws {
        let server = try await EmbeddedPostgres.shared()
        Leftovers.clean(in: RunFolder.places())
        #expect(exists(server.runFolder))
        #expect(try await server.psql("select 1") == "1")
    }

    @Test func `a folder that was made a moment ago and is not yet locked is left alone`() async throws {
        try await withScratchFolder { scratch in
            let young = "\(scratch)/\(RunFolder.namePrefix)young"
            let old = "\(scratch)/\(RunFolder.namePrefix)old"
            let strange = "\(scratch)/something-else"
            for folder in [young, old, strange] {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            }
            let before = Date(timeIntervalSinceNow: -3_600)
            try FileManager.default.setAttributes([.modificationDate: before], ofItemAtPath: old)
            try FileManager.default.setAttributes([.modificationDate: before], ofItemAtPath: strange)
            Leftovers.clean(in: [scratch])
            #expect(exists(young))
            #expect(!exists(old))
            #expect(exists(strange))
        }
    }
}
