import Foundation

/// What the system knows about running processes.
enum ProcessTable {
    struct Entry: Sendable, Equatable {
        var pid: pid_t
        var parent: pid_t
        /// One letter: T is stopped, Z has ended but was not collected.
        var state: Character
    }

    /// The children of a process that have not ended.
    static func children(of pid: pid_t) throws(EmbeddedPostgresError) -> [Entry] {
        try all().filter { $0.parent == pid && $0.state != "Z" }
    }

    /// Whether every one of these is stopped or gone.
    static func areStopped(_ pids: Set<pid_t>) throws(EmbeddedPostgresError) -> Bool {
        try states(of: pids).allSatisfy { $0 == "T" || $0 == "Z" }
    }

    /// Whether none of these is running.
    static func areGone(_ pids: Set<pid_t>) throws(EmbeddedPostgresError) -> Bool {
        try states(of: pids).allSatisfy { $0 == "Z" }
    }

    /// The states of those that are there. Asked for again and again while waiting, so no more is read than needed.
    private static func states(of pids: Set<pid_t>) throws(EmbeddedPostgresError) -> [Character] {
        #if os(Linux)
            pids.compactMap { fromProc($0)?.state }
        #else
            try all().filter { pids.contains($0.pid) }.map(\.state)
        #endif
    }

    static func all() throws(EmbeddedPostgresError) -> [Entry] {
        #if os(Linux)
            fromProc()
        #else
            try fromPS()
        #endif
    }

    /// Linux: no program needed, and `ps` is not part of a minimal system.
    static func fromProc() -> [Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0).flatMap(fromProc) }
    }

    private static func fromProc(_ pid: pid_t) -> Entry? {
        // The program's name stands in parentheses and may contain anything, parentheses too.
        guard let stat = FileManager.default.contents(atPath: "/proc/\(pid)/stat"),
            let end = stat.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let rest = String(decoding: stat[(end + 1)...], as: UTF8.self).split(separator: " ")
        guard rest.count > 1, let state = rest[0].first, let parent = pid_t(rest[1]) else { return nil }
        return Entry(pid: pid, parent: parent, state: state)
    }

    /// Everywhere else.
    static func fromPS() throws(EmbeddedPostgresError) -> [Entry] {
        let output = try Command(["/bin/ps", "-A", "-o", "pid=,ppid=,state="]).run()
        return output.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count == 3, let pid = pid_t(fields[0]), let parent = pid_t(fields[1]),
                let state = fields[2].first
            else { return nil }
            return Entry(pid: pid, parent: parent, state: state)
        }
    }
}
