#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The addresses behind the name of a host.
enum HostAddresses {
    /// What to try one after another: nil alone where there is no choice, or libpq is told the address.
    static func toTry(_ parameters: [(key: String, value: String)]) -> [String?] {
        func given(_ key: String, _ variable: String) -> String? {
            parameters.last { $0.key == key }?.value ?? Environment.value(variable)
        }
        guard given("hostaddr", "PGHOSTADDR") == nil, let host = given("host", "PGHOST"), let first = host.first,
            first != "/", first != "@"
        else { return [nil] }
        let found = resolve(host)
        return found.count > 1 ? found : [nil]
    }

    /// The addresses as numbers, in the system's order of preference; none where the name is not known.
    static func resolve(_ host: String) -> [String] {
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, nil, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let info = next?.pointee {
            // Each comes once for each type of socket.
            if let address = text(info), !found.contains(address) { found.append(address) }
            next = info.ai_next
        }
        return found
    }

    private static func text(_ info: addrinfo) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1025) { buffer in
            let size = socklen_t(buffer.count)
            let status = getnameinfo(info.ai_addr, info.ai_addrlen, buffer.baseAddress, size, nil, 0, NI_NUMERICHOST)
            return status == 0 ? buffer.baseAddress.map { String(cString: $0) } : nil
        }
    }
}

/// The process's environment, which libpq reads, too.
enum Environment {
    static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
