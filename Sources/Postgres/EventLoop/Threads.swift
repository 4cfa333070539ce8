import CLibPQ

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A number that tells the running threads apart; never 0.
func currentThreadID() -> UInt {
    #if canImport(Glibc)
        UInt(pthread_self())
    #else
        UInt(bitPattern: pthread_self())
    #endif
}

/// Starts a thread that nobody joins.
func startDetachedThread(named name: String, _ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadBody(name: name, body: body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    #if canImport(Darwin)
        var thread: pthread_t?
    #else
        var thread = pthread_t()
    #endif
    let status = pthread_create(&thread, &attributes, runThreadBody, box.toOpaque())
    precondition(status == 0, "the system has no thread left (pthread_create: \(status))")
}

#if canImport(Darwin)
    private func runThreadBody(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        ThreadBody.run(pointer)
        return nil
    }
#else
    private func runThreadBody(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let pointer { ThreadBody.run(pointer) }
        return nil
    }
#endif

private final class ThreadBody: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }

    static func run(_ pointer: UnsafeMutableRawPointer) {
        let thread = Unmanaged<ThreadBody>.fromOpaque(pointer).takeRetainedValue()
        #if canImport(Darwin)
            pthread_setname_np(thread.name)
        #else
            skald_set_thread_name(thread.name)
        #endif
        thread.body()
    }
}

/// Runs what blocks (name resolution, a cancel request) on a thread of its own, and waits for it.
///
/// Such calls are rare, so a thread is made for each. The caller's task does not hold up any executor meanwhile.
func onHelperThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withUnsafeContinuation { continuation in
        startDetachedThread(named: "skald-helper") { continuation.resume(returning: body()) }
    }
}
