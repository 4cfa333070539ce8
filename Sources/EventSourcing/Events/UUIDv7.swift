import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes UUIDs of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, 12 bits of their fraction (section 6.2,
/// method 3), 62 random bits. Rising within a process, also when the clock stands still or steps back.
enum UUIDv7 {
    /// The last time stamp handed out, in 1/4096 of a millisecond since 1970.
    private static let last = Atomic<UInt64>(0)
    private static let stock = Mutex(RandomStock())

    static func next() -> UUID {
        let milliseconds = max(0, Date().timeIntervalSince1970 * 1000)
        let stamp = rise(to: UInt64(milliseconds * 4096))
        return make(stamp: stamp, random: stock.withLock { $0.next() })
    }

    /// The pure part: the bits in their places.
    static func make(stamp: UInt64, random: UInt64) -> UUID {
        let high = (stamp >> 12) << 16 | 0x7000 | (stamp & 0xFFF)
        let low = 0x8000_0000_0000_0000 | (random >> 2)
        let bytes = (high.bigEndian, low.bigEndian)
        return withUnsafeBytes(of: bytes) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    private static func rise(to now: UInt64) -> UInt64 {
        var seen = last.load(ordering: .relaxed)
        while true {
            let stamp = max(now, seen + 1)
            let (exchanged, original) = last.compareExchange(expected: seen, desired: stamp, ordering: .relaxed)
            if exchanged { return stamp }
            seen = original
        }
    }
}

/// Random numbers of the system's, fetched 32 at a time: one by one, each costs a system call, and threads wait for each
/// other in the kernel.
private struct RandomStock {
    private var numbers = [UInt64](repeating: 0, count: 32)  // 256 bytes: the most that getentropy(3) gives
    private var left = 0

    mutating func next() -> UInt64 {
        if left == 0 { refill() }
        left -= 1
        return numbers[left]
    }

    private mutating func refill() {
        let failed = numbers.withUnsafeMutableBytes { getentropy($0.baseAddress, $0.count) } != 0
        if failed {  // no such call, says an old kernel: Swift's own way has others
            for index in numbers.indices { numbers[index] = .random(in: .min ... .max) }
        }
        left = numbers.count
    }
}
