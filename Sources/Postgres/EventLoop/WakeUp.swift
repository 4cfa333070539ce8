import CLibPQ

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The descriptor by which other threads wake a sleeping loop: an `eventfd` on Linux, a pipe elsewhere.
struct WakeUp: ~Copyable, Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    /// - Parameter portable: Use a pipe on Linux too.
    init(portable: Bool) throws(PostgresError) {
        (readEnd, writeEnd) = try Self.open(portable: portable)
    }

    private static func open(portable: Bool) throws(PostgresError) -> (Int32, Int32) {
        #if os(Linux)
            if !portable {
                let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
                if descriptor < 0 { throw .system("eventfd") }
                return (descriptor, descriptor)
            }
        #endif
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) != 0 { throw .system("pipe") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        if writeEnd != readEnd { close(writeEnd) }
    }

    /// Wakes the loop. A full pipe means that it has been told already.
    func signal() {
        var one: UInt64 = 1
        _ = write(writeEnd, &one, MemoryLayout<UInt64>.size)
    }

    /// Takes the signals that have come in, so that the descriptor is quiet again.
    func acknowledge() {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { buffer in
            // An eventfd gives one number; a pipe is empty when a read gives less than was asked for.
            while read(readEnd, buffer.baseAddress, buffer.count) == buffer.count {}
        }
    }
}
