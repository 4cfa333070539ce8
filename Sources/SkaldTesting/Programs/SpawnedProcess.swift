import Foundation
import Synchronization

/// A child process whose outputs go to files.
///
/// Not Foundation's `Process`: on Linux it takes a process for ended when a socket is closed, which other children started
/// at the same moment inherit. Files and not pipes, for the same reason, and because nobody has to drain them.
final class SpawnedProcess: Sendable {
    let id: pid_t
    private let status = Mutex<Int32?>(nil)

    init(_ command: [String], environment: [String: String], output: String, error: String) throws {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
        #else
            var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (descriptor, path) in [(Int32(1), output), (2, error)] {
            posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        let arguments = command.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var id: pid_t = 0
        let failure = posix_spawn(&id, command[0], &actions, nil, arguments, variables)
        guard failure == 0 else {
            throw ChildProgramError(
                description: "\(command[0]) cannot be started: \(String(cString: strerror(failure)))")
        }
        self.id = id
    }

    /// The exit status, or minus the number of the signal that ended it; nil while it runs.
    var ending: Int32? { collect(WNOHANG) }

    /// Waits for the end.
    func wait() -> Int32? { collect(0) }

    func send(_ signal: Int32) {
        // Under the lock: once it is collected, its number may belong to another process.
        status.withLock { status in
            if status == nil { _ = kill(id, signal) }
        }
    }

    private func collect(_ options: Int32) -> Int32? {
        status.withLock { known in
            if let known { return known }
            var status: Int32 = 0
            guard waitpid(id, &status, options) == id else { return nil }
            let signal = status & 0x7f
            known = signal == 0 ? (status >> 8) & 0xff : -signal
            return known
        }
    }
}
