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
        await cancelWhenGracefulShutdown {
            while getppid() == parent {
                // A service that throws when it is asked to end has the others cancelled, who would have ended in order.
                do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
            }
            kill(getpid(), SIGKILL)
        }
    }
}
