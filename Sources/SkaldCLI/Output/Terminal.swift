#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The process's standard output and error.
enum Terminal {
    static let style = OutputStyle(
        environment: ProcessInfo.processInfo.environment, terminalWidth: width(of: STDOUT_FILENO))

    static let errorStyle = OutputStyle(
        environment: ProcessInfo.processInfo.environment, terminalWidth: width(of: STDERR_FILENO))

    /// Writes at once, without a buffer: the answer of a command that follows the log must not wait for more.
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Ends the process.
    static func end(_ status: ExitStatus) -> Never { exit(status.rawValue) }

    private static func width(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = writeBytes(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { end(.failure) }  // the reader is gone, as in `skald … | head`
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }

    #if canImport(Glibc)
        private static let writeBytes = Glibc.write
    #elseif canImport(Musl)
        private static let writeBytes = Musl.write
    #else
        private static let writeBytes = Darwin.write
    #endif
}
