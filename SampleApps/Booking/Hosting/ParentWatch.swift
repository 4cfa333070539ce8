import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Ends this process with the one that started it, even if that was killed.
struct ParentWatch: Service {
    let parent: Int32

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while getppid() == parent { try await Task.sleep(for: .milliseconds(100)) }
            kill(getpid(), SIGKILL)
        }
    }
}
