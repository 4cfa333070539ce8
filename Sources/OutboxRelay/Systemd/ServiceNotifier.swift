#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Tells systemd how the service stands (`sd_notify(3)`): one datagram to the socket that `NOTIFY_SOCKET` names.
///
/// Without the variable, and on systems without systemd, it does nothing. A datagram that cannot be sent is no reason to
/// fail: systemd then times out and says so itself.
struct ServiceNotifier: Sendable {
    private let address: [UInt8]?
    /// How often systemd wants to hear from the service; nil if it does not watch.
    let watchdogInterval: Duration?

    init(environment: [String: String], processID: Int32 = getpid()) {
        let path = environment["NOTIFY_SOCKET"] ?? ""
        // "@" stands for an abstract socket, whose name begins with a zero byte.
        var bytes = Array(path.utf8)
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        address = path.hasPrefix("/") || path.hasPrefix("@") ? bytes : nil
        let meant = environment["WATCHDOG_PID"].map { Int32($0) == processID } ?? true
        watchdogInterval =
            meant ? environment["WATCHDOG_USEC"].flatMap(Int64.init).map { .microseconds($0) } : nil
    }

    func ready(status: String) { send("READY=1\nSTATUS=\(status)") }
    func stopping(status: String) { send("STOPPING=1\nSTATUS=\(status)") }
    func alive() { send("WATCHDOG=1") }

    private func send(_ message: String) {
        #if os(Linux)
            guard let address else { return }
            var socketAddress = sockaddr_un()
            guard address.count < MemoryLayout.size(ofValue: socketAddress.sun_path) else { return }
            socketAddress.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &socketAddress.sun_path) { $0.copyBytes(from: address) }
            let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + address.count } ?? 0
            let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { return }
            defer { close(descriptor) }
            let bytes = Array(message.utf8)
            withUnsafePointer(to: &socketAddress) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), pointer, socklen_t(length))
                }
            }
        #endif
    }
}
