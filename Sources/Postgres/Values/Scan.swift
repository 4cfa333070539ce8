#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Looks through bytes for what PostgreSQL would refuse.
enum Scan {
    /// Whether there is a NUL among the bytes.
    static func hasNUL(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return false }
        return memchr(start, 0, bytes.count) != nil
    }
}

extension Scan {
    /// Throws where PostgreSQL could not store the bytes as JSON text.
    static func requireStorable(_ bytes: [UInt8], asJSONB: Bool) throws(PostgresError) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw PostgresError(.encoding, "the JSON is not UTF-8")
        }
        guard !bytes.contains(0) else {
            throw PostgresError(.encoding, "the JSON has a NUL byte in it")
        }
    }
}
