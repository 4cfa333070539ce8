import Foundation

/// The server's main process and its children.
struct Postmaster: Sendable {
    private let process: ChildProcess

    var pid: pid_t { process.pid }

    /// Starts it and waits until it accepts connections.
    init(_ cluster: Cluster, patience: Duration) throws(EmbeddedPostgresError) {
        let null = try Descriptor(opening: "/dev/null", O_RDONLY)
        let log = try Descriptor(opening: cluster.logFile, O_WRONLY | O_CREAT | O_APPEND)
        let words = cluster.user.prefix + [cluster.programs.path("postgres"), "-D", cluster.dataFolder]
        process = try ChildProcess.spawn(
            words, environment: Command.quietEnvironment(),
            descriptors: [0: null.number, 1: log.number, 2: log.number])
        let pidFile = "\(cluster.dataFolder)/postmaster.pid"
        let settled = waitUntil(patience) { process.hasEnded || Self.isReady(process.pid, pidFile) }
        if process.hasEnded {
            throw EmbeddedPostgresError(
                .startFailed, "PostgreSQL ended while starting. Its log says: \(Self.tail(cluster.logFile))")
        }
        guard settled else {
            try killAll()
            throw EmbeddedPostgresError(
                .startFailed,
                "PostgreSQL was not ready within \(patience) and was killed. Its log says: \(Self.tail(cluster.logFile))"
            )
        }
    }

    /// The last line of the file tells; the first one that it is this process's and not a dead one's.
    private static func isReady(_ pid: pid_t, _ pidFile: String) -> Bool {
        guard let file = FileManager.default.contents(atPath: pidFile) else { return false }
        let lines = String(decoding: file, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.count >= 8 && lines[0] == "\(pid)" && lines[7].hasPrefix("ready")
    }

    private static func tail(_ logFile: String) -> String {
        let log = FileManager.default.contents(atPath: logFile) ?? Data()
        return String(decoding: log.suffix(2_000), as: UTF8.self).trimmedEnd
    }

    /// An orderly ("fast") shutdown; harsher ones if it takes too long.
    func shutDown(patience: Duration) throws(EmbeddedPostgresError) {
        process.send(SIGINT)
        if process.waitForEnd(patience) { return }
        process.send(SIGQUIT)
        if process.waitForEnd(.seconds(10)) { return }
        try killAll()
    }

    /// `kill -9` for all of it, as a power cut would: no process of the server is left when this returns.
    func killAll() throws(EmbeddedPostgresError) {
        let victims = try stopForking()
        for child in victims { _ = kill(child, SIGKILL) }
        process.send(SIGKILL)
        let gone = try waitUntil(.seconds(10)) { () throws(EmbeddedPostgresError) in
            let childrenGone = try ProcessTable.areGone(victims)
            return childrenGone && process.hasEnded
        }
        guard gone else { throw EmbeddedPostgresError(.system, "PostgreSQL's processes survived kill -9 for 10 s") }
    }

    /// Stops all processes where they stand.
    func freeze() throws(EmbeddedPostgresError) {
        let children = try stopForking()
        for child in children { _ = kill(child, SIGSTOP) }
        try waitUntilStopped(children)
    }

    /// Lets them go on; the main process last, so that it finds its children alive.
    func thaw() throws(EmbeddedPostgresError) {
        for child in try ProcessTable.children(of: pid) { _ = kill(child.pid, SIGCONT) }
        process.send(SIGCONT)
    }

    /// Stops the main process, so that the list of its children is complete, and gives that list.
    private func stopForking() throws(EmbeddedPostgresError) -> Set<pid_t> {
        guard !process.hasEnded else { return [] }
        process.send(SIGSTOP)
        try waitUntilStopped([pid])
        return Set(try ProcessTable.children(of: pid).map(\.pid))
    }

    private func waitUntilStopped(_ pids: Set<pid_t>) throws(EmbeddedPostgresError) {
        let stopped = try waitUntil(.seconds(10)) { () throws(EmbeddedPostgresError) in
            try ProcessTable.areStopped(pids)
        }
        guard stopped else { throw EmbeddedPostgresError(.system, "PostgreSQL's processes did not stop within 10 s") }
    }
}
