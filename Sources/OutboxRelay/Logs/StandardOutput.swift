import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Standard output (or error), written line by line without a buffer, so that a killed process has said what it knew.
enum StandardOutput {
    private static let lock = Mutex<Void>(())

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    static func write(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
        var text = text
        lock.withLock { _ in
            text.withUTF8 { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    #if canImport(Glibc)
                        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                    #elseif canImport(Musl)
                        let count = Musl.write(descriptor, rest.baseAddress, rest.count)
                    #else
                        let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
                    #endif
                    if count < 0, errno == EINTR { continue }
                    if count <= 0 { return }  // whoever read the log is gone; there is nobody left to tell
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                }
            }
        }
    }
}
