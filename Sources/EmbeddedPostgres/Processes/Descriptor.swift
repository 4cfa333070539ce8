import Foundation

/// An open file descriptor that closes itself and that no child inherits by accident.
///
/// Every descriptor is born with close-on-exec (never set afterwards): a program that another thread starts in
/// between must not hold our pipe open, or the watchdog would not see us die.
struct Descriptor: ~Copyable, Sendable {
    let number: Int32

    init(opening path: String, _ flags: Int32, mode: mode_t = 0o600) throws(EmbeddedPostgresError) {
        let opened = open(path, flags | O_CLOEXEC, mode)
        guard opened >= 0 else {
            throw EmbeddedPostgresError(.folderUnusable, "cannot open \(path): \(errorText(errno))")
        }
        number = opened
    }

    deinit { _ = close(number) }

    /// Takes the whole-file lock if nobody has it. It ends with the last process that holds the descriptor, however
    /// that process ends: no process number and no clock is needed to know whether an owner is alive.
    func tryLock() -> Bool {
        flock(number, LOCK_EX | LOCK_NB) == 0
    }
}

/// A pipe whose read end can be given to a child and whose write end dies with us.
///
/// It is made through the file system because that is the one portable way to have close-on-exec from the start.
struct LifeLine: ~Copyable, Sendable {
    let readEnd: Descriptor
    let writeEnd: Descriptor

    init(path: String) throws(EmbeddedPostgresError) {
        guard mkfifo(path, 0o600) == 0 else {
            throw EmbeddedPostgresError(.folderUnusable, "cannot make the pipe \(path): \(errorText(errno))")
        }
        defer { unlink(path) }
        // Non-blocking, or opening it would wait for a writer.
        let readEnd = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
        let writeEnd = try Descriptor(opening: path, O_WRONLY)
        _ = fcntl(readEnd.number, F_SETFL, 0)
        self.readEnd = readEnd
        self.writeEnd = writeEnd
    }

    /// Keeps the write end only.
    consuming func dropReadEnd() -> Descriptor {
        writeEnd
    }
}
