import Foundation

/// A small shell that outlives us by a moment and cleans up, however we end.
///
/// It reads from a pipe whose other end only we hold. When we stop, crash or are killed with `kill -9`, the kernel
/// closes our end, the read returns, and the script stops the server and removes the run folder. An orderly `stop()`
/// takes the same way, so that it is walked every day and not only in disasters.
struct Watchdog: ~Copyable, Sendable {
    private let process: ChildProcess
    private var lifeLine: Descriptor?

    var pid: pid_t { process.pid }

    /// Starts watching. It holds the folders' locks too: they are free only when the cleaning is done.
    init(over run: borrowing RunFolder, alsoHolding dataLock: Int32?) throws(EmbeddedPostgresError) {
        let pipe = try LifeLine(path: "\(run.path)/life-line")
        var descriptors: [Int32: Int32] = [0: pipe.readEnd.number, 3: run.lock.number]
        if let dataLock { descriptors[4] = dataLock }
        process = try Self.spawn(cleaning: run.path, descriptors: descriptors)
        lifeLine = pipe.dropReadEnd()
    }

    /// Lets it do its work now and waits until that is done.
    mutating func release(_ patience: Duration) throws(EmbeddedPostgresError) {
        lifeLine = nil
        guard process.waitForEnd(patience) else {
            throw EmbeddedPostgresError(.system, "the cleaning process \(process.pid) did not end within \(patience)")
        }
    }

    /// Cleans up what a dead owner left whose watchdog died with it.
    static func clean(_ runFolder: String, lock: Int32) throws(EmbeddedPostgresError) {
        let null = try Descriptor(opening: "/dev/null", O_RDONLY)
        let process = try spawn(cleaning: runFolder, descriptors: [0: null.number, 3: lock])
        guard process.waitForEnd(.seconds(60)) else {
            throw EmbeddedPostgresError(.system, "the cleaning of \(runFolder) did not end within a minute")
        }
    }

    private static func spawn(
        cleaning runFolder: String, descriptors: [Int32: Int32]
    ) throws(EmbeddedPostgresError) -> ChildProcess {
        let null = try Descriptor(opening: "/dev/null", O_WRONLY)
        var all = descriptors
        all[1] = null.number
        all[2] = null.number
        // In the environment, not among the arguments: where there is no /proc, the script finds the server's
        // processes by the name in their command lines and must not find itself.
        let environment = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "RUN": runFolder]
        return try ChildProcess.spawn(["/bin/sh", "-c", script], environment: environment, descriptors: all)
    }

    /// POSIX sh with what every Linux and macOS has. Processes are known by their working folder (PostgreSQL's stand
    /// in the data folder), never by a number in a file alone: the number may belong to another by now.
    private static let script = #"""
        trap '' HUP INT TERM QUIT PIPE
        cd /
        read -r end_of_owner
        data="$RUN/data"

        servers() {
            if [ -e /proc/self/cwd ]; then
                for cwd in /proc/[0-9]*/cwd; do
                    if [ "$cwd" -ef "$data" ]; then cwd="${cwd%/cwd}"; echo "${cwd#/proc/}"; fi
                done
            else
                ps -A -o pid=,command= | grep -F -- "${RUN##*/}" | grep -v grep | awk '{ print $1 }'
            fi
        }
        wait_for_end() {
            rounds=$1
            while [ "$rounds" -gt 0 ] && [ -n "$(servers)" ]; do sleep 0.05; rounds=$((rounds - 1)); done
        }

        postmaster="$(head -n 1 "$data/postmaster.pid" 2>/dev/null)"
        segment="$(sed -n 7p "$data/postmaster.pid" 2>/dev/null | awk '{ print $2 }')"
        running="$(servers)"
        if [ -n "$running" ]; then
            # Data that is kept gets an orderly stop; data that is thrown away needs none.
            if [ -L "$data" ]; then how=INT rounds=400; else how=QUIT rounds=100; fi
            for pid in $running; do
                if [ "$pid" = "$postmaster" ]; then kill -s "$how" "$pid"; fi
            done
            # A stopped process hears nothing until it is continued.
            kill -s CONT $running
            wait_for_end "$rounds"
            running="$(servers)"
            if [ -n "$running" ]; then kill -s KILL $running; wait_for_end 200; fi
        fi
        # A postmaster that was killed leaves a System V segment; only if it is the one that this postmaster made.
        if [ -n "$segment" ] && ipcs -m -p | grep -w -- "$segment" | grep -q -w -- "$postmaster"; then
            ipcrm -m "$segment"
        fi
        tries=20
        while [ -e "$RUN" ] && [ "$tries" -gt 0 ]; do
            rm -rf -- "$RUN" && break
            sleep 0.05
            tries=$((tries - 1))
        done
        """#
}
