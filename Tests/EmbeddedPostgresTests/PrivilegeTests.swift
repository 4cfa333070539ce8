import Foundation
import Synchronization
import Testing

@testable import EmbeddedPostgres

@Suite struct `Privileges` {
    @Test func `the server does not run as root`() async throws {
        let server = try await EmbeddedPostgres.shared()
        let user = try Command(["/bin/ps", "-o", "uid=", "-p", "\(server.processID)"]).run()
        #expect(user.split(whereSeparator: \.isWhitespace).first != "0")
    }

    @Test func `the server and its watchdog have sessions of their own`() async throws {
        // Or Ctrl-C in the terminal would reach them before their owner could say goodbye.
        let server = try await EmbeddedPostgres.shared()
        let watchdog = server.server.withLock { $0.watchdog.pid }
        #expect(getsid(server.processID) == server.processID)
        #expect(getsid(watchdog) == watchdog)
    }

    @Test func `the socket and the data are open to one user only`() async throws {
        let server = try await EmbeddedPostgres.shared()
        for folder in [server.socketFolder, server.dataFolder] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
    }

    @Test(.enabled(if: isRoot)) func `another user of the machine cannot connect`() async throws {
        let server = try await EmbeddedPostgres.shared()
        var nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        nobody += ["\(server.programFolder)/psql", server.connectionString(), "-c", "select"]
        let error = #expect(throws: EmbeddedPostgresError.self) { try Command(nobody).run() }
        #expect(error?.message.contains("Permission denied") == true)
    }

    @Test func `an ordinary user's server needs no prefix; root's names a user`() throws {
        let user = try ServerUser.choose()
        #expect(user.isOther == isRoot)
        #expect(user.uid != 0)
    }

    #if os(Linux)
        @Test func `no descriptor of the owner leaks into the server`() async throws {
            try await withScratchFolder { scratch in
                // Inheritable on purpose: no close-on-exec.
                let leak = open("\(scratch)/leak", O_RDWR | O_CREAT, 0o600)
                defer { close(leak) }
                try await EmbeddedPostgres.with { server in
                    let folder = "/proc/\(server.processID)/fd"
                    let open = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
                        try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
                    }
                    #expect(open.contains(server.logFile))
                    #expect(!open.contains("\(scratch)/leak"))
                }
            }
        }
    #endif
}
