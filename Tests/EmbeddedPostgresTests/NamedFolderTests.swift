import Foundation
import Testing

@testable import EmbeddedPostgres

@Suite(.serialized) struct `Named folders` {
    @Test func `data is kept between runs and the socket is not`() async throws {
        try await withScratchFolder { scratch in
            let kept = EmbeddedPostgres.Configuration(storage: .folder("\(scratch)/a folder/deep"))
            let first = try await EmbeddedPostgres.with(kept) { server in
                _ = try await server.psql("create table kept as select 1 as n")
                return server.runFolder
            }
            #expect(!exists(first))
            try await EmbeddedPostgres.with(kept) { server in
                let kept = try await server.psql("select n from kept")
                #expect(kept == "1")
                #expect(server.dataFolder.hasPrefix(scratch))
                #expect(server.runFolder != first)
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a folder that a server runs in is refused at once`() async throws {
        try await withScratchFolder { scratch in
            let kept = EmbeddedPostgres.Configuration(storage: .folder(scratch), patience: .seconds(600))
            try await EmbeddedPostgres.with(kept) { _ in
                let error = await #expect(throws: EmbeddedPostgresError.self) { try await EmbeddedPostgres.start(kept) }
                #expect(error?.code == .folderInUse)
                #expect(error?.message.contains(scratch) == true)
            }
        }
    }

    @Test func `after kill -9 of its owner a folder can be used again and has all that was acknowledged`() async throws
    {
        try await withScratchFolder { scratch in
            await #expect(processExitsWith: .signal(SIGKILL)) { [scratch = scratch as String] in
                let server = try await EmbeddedPostgres.start(.init(storage: .folder("\(scratch)/pg")))
                _ = try await server.psql("create table kept as select 1 as n")
                kill(getpid(), SIGKILL)
            }
            // Waits for the dead owner's watchdog, which stops that server in good order.
            try await EmbeddedPostgres.with(.init(storage: .folder("\(scratch)/pg"))) { server in
                let kept = try await server.psql("select n from kept")
                #expect(kept == "1")
            }
        }
    }

    @Test func `data of a version that is not installed is refused by name`() async throws {
        try await withScratchFolder { scratch in
            try FileManager.default.createDirectory(atPath: "\(scratch)/data", withIntermediateDirectories: false)
            try Data("99\n".utf8).write(to: URL(fileURLWithPath: "\(scratch)/data/PG_VERSION"))
            let error = await #expect(throws: EmbeddedPostgresError.self) {
                try await EmbeddedPostgres.start(.init(storage: .folder(scratch)))
            }
            #expect(error?.code == .programsNotFound)
            #expect(error?.message.contains("PostgreSQL 99") == true)
            #expect(exists("\(scratch)/data/PG_VERSION"), "the data is left as it is")
        }
    }

    @Test(.enabled(if: isRoot)) func `a folder that the server's user cannot reach is refused`() async throws {
        try await withScratchFolder { scratch in
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: scratch)
            let error = await #expect(throws: EmbeddedPostgresError.self) {
                try await EmbeddedPostgres.start(.init(storage: .folder("\(scratch)/pg")))
            }
            #expect(error?.code == .folderUnusable)
            #expect(error?.message.contains("cannot reach \(scratch)/pg") == true)
        }
    }
}
