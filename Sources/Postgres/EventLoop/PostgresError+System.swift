#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension PostgresError {
    /// What the system call that has just failed left in `errno`.
    static func system(_ call: String) -> PostgresError {
        PostgresError(
            .connectionFailed, "\(call) failed: \(String(cString: strerror(errno)))",
            hint: "Look at the limit of open files (ulimit -n).")
    }
}
