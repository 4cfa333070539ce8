#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// This process.
enum Process {
    /// Ends it, with a last word on standard error.
    static func end(_ status: ExitStatus, _ text: String = "") -> Never {
        StandardOutput.write(text, to: STDERR_FILENO)
        exit(status.rawValue)
    }
}
