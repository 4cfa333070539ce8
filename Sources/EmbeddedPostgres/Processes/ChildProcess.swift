package import Foundation
import Synchronization

/// A process started by us: the server's, the demo's services, the programs that tests run.
///
/// Not Foundation's `Process`: descriptors must be passed on exactly, and nothing else may be inherited; on Linux it also
/// learns of the end by a socket, which other children that are started at the same moment inherit. Here a thread waits
/// for each, so that it is collected the moment it ends, whether or not anybody asks: who waits for *any* child, as
/// Swift Testing's exit tests do, is held up by one that has ended and is not collected.
package final class ChildProcess: Sendable {
    package let pid: pid_t
    private let end = Mutex<Ending?>(nil)

    /// How it ended, once it has.
    package var ending: Ending? { end.withLock { $0 } }
    package var hasEnded: Bool { ending != nil }

    package enum Ending: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
        /// Somebody else has collected it (a host that waits for every child).
        case unknown
    }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - descriptors: the child's descriptor numbers and ours; what is not named is closed.
    ///   - isApart: whether it is in a session of its own, so that a terminal's Ctrl-C does not reach it.
    package static func spawn(
        _ command: [String], environment: [String: String], descriptors: [Int32: Int32], isApart: Bool = true
    ) throws(EmbeddedPostgresError) -> ChildProcess {
        var pid: pid_t = 0
        // Moved out of the way first: a target number may be the source of another.
        let sources = descriptors.mapValues { fcntl($0, F_DUPFD_CLOEXEC, 20) }
        defer { sources.values.forEach { _ = close($0) } }
        let failure = withSpawnSetup(descriptors: sources, isApart: isApart) { actions, attributes in
            withCStrings(command) { arguments in
                withCStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
                    posix_spawn(&pid, command[0], actions, attributes, arguments, variables)
                }
            }
        }
        guard failure == 0 else {
            throw EmbeddedPostgresError(.system, "cannot run \(command[0]): \(errorText(failure))")
        }
        return ChildProcess(pid: pid)
    }

    private init(pid: pid_t) {
        self.pid = pid
        let thread = Thread { self.collect() }
        thread.name = "skald-wait-\(pid)"
        thread.start()
    }

    private func collect() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        // It is collected under the lock: until then its number cannot belong to another process.
        end.withLock { end in
            var status: Int32 = 0
            guard waitpid(pid, &status, 0) == pid else {
                end = .unknown
                return
            }
            let signal = status & 0x7f
            end = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
        }
    }

    /// Waits for the end, at most for `patience`; false when it is still there.
    package func waitForEnd(_ patience: Duration) -> Bool {
        waitUntil(patience) { hasEnded }
    }

    /// Sends a signal, unless it has ended.
    package func send(_ signal: Int32) {
        end.withLock { end in
            if end == nil { _ = kill(pid, signal) }
        }
    }
}

/// Looks again every few milliseconds until the condition holds; false when `patience` has run out.
func waitUntil<E>(_ patience: Duration, _ condition: () throws(E) -> Bool) throws(E) -> Bool {
    let deadline = ContinuousClock.now + patience
    var pause: UInt32 = 1_000
    while try !condition() {
        if ContinuousClock.now >= deadline { return false }
        usleep(pause)
        pause = min(pause * 2, 10_000)
    }
    return true
}

/// The system's words for an error number.
func errorText(_ number: Int32) -> String {
    String(cString: strerror(number))
}

// MARK: - posix_spawn's arguments

#if canImport(Darwin)
    typealias SpawnActions = posix_spawn_file_actions_t?
    typealias SpawnAttributes = posix_spawnattr_t?
    private let newSession = Int16(POSIX_SPAWN_SETSID)
    private let closeTheRest = Int16(POSIX_SPAWN_CLOEXEC_DEFAULT)
#else
    typealias SpawnActions = posix_spawn_file_actions_t
    typealias SpawnAttributes = posix_spawnattr_t
    // POSIX_SPAWN_SETSID (glibc 2.26, musl 1.1.22): hidden behind _GNU_SOURCE, which Swift's import does not set.
    private let newSession: Int16 = 0x80
    private let closeTheRest: Int16 = 0
#endif

private func withSpawnSetup(
    descriptors: [Int32: Int32], isApart: Bool,
    _ body: (UnsafePointer<SpawnActions>, UnsafePointer<SpawnAttributes>) -> Int32
) -> Int32 {
    #if canImport(Darwin)
        var actions: SpawnActions = nil
        var attributes: SpawnAttributes = nil
    #else
        var actions = SpawnActions()
        var attributes = SpawnAttributes()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }
    for (theirs, ours) in descriptors.sorted(by: { $0.key < $1.key }) {
        posix_spawn_file_actions_adddup2(&actions, ours, theirs)
    }
    for extra in openDescriptors() where extra > 2 && descriptors[extra] == nil {
        // A descriptor that is gone by then is no error to posix_spawn.
        posix_spawn_file_actions_addclose(&actions, extra)
    }
    var defaults = sigset_t()
    var none = sigset_t()
    sigfillset(&defaults)
    sigemptyset(&none)
    // A host that ignores or blocks signals must not make a server that cannot be stopped.
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setsigmask(&attributes, &none)
    let session = isApart ? newSession : 0
    let flags = session | closeTheRest | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK)
    posix_spawnattr_setflags(&attributes, flags)
    return body(&actions, &attributes)
}

/// On Darwin the kernel closes what is not named; elsewhere we have to say what there is.
private func openDescriptors() -> [Int32] {
    #if canImport(Darwin)
        []
    #else
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.compactMap { Int32($0) } ?? []
    #endif
}

private func withCStrings<R>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
) -> R {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    return body(&pointers)
}
