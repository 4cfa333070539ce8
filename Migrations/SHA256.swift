/// SHA-256 as in FIPS 180-4, for the checksums of migrations.
///
/// They tell an edited file from the released one and guard no secret, so this is not worth BoringSSL, which a clean
/// build would spend two minutes on. A test compares it with PostgreSQL's `sha256()`.
enum SHA256 {
    /// The digest of UTF-8 text as 64 lower-case hexadecimal digits.
    static func hexadecimal(of text: String) -> String {
        var state = initial
        var message = Array(text.utf8)
        let bits = UInt64(message.count) * 8
        message.append(0x80)
        message.append(contentsOf: repeatElement(0, count: (119 - (message.count - 1) % 64) % 64))
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            message.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        var schedule = [UInt32](repeating: 0, count: 64)
        for start in stride(from: 0, to: message.count, by: 64) {
            compress(message[start..<start + 64], into: &state, schedule: &schedule)
        }
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32], schedule w: inout [UInt32]) {
        for i in 0..<16 {
            let at = block.startIndex + 4 * i
            let high = UInt32(block[at]) << 24 | UInt32(block[at + 1]) << 16
            w[i] = high | UInt32(block[at + 2]) << 8 | UInt32(block[at + 3])
        }
        for i in 16..<64 {
            let s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3
            let s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10
            w[i] = w[i - 16] &+ s0 &+ w[i - 7] &+ s1
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for i in 0..<64 {
            let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
            let first = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ constants[i] &+ w[i]
            let s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
            let second = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        for (i, word) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= word }
    }

    private static func rotate(_ word: UInt32, _ by: UInt32) -> UInt32 { word >> by | word << (32 - by) }

    /// The first 32 bits of the fractions of the square roots of the first 8 primes.
    private static let initial = primes(8).map { fraction(ofRoot: 2, of: $0) }
    /// The first 32 bits of the fractions of the cube roots of the first 64 primes.
    private static let constants = primes(64).map { fraction(ofRoot: 3, of: $0) }

    private static func primes(_ count: Int) -> [Int] {
        var primes: [Int] = []
        var candidate = 2
        while primes.count < count {
            if !primes.contains(where: { candidate.isMultiple(of: $0) }) { primes.append(candidate) }
            candidate += 1
        }
        return primes
    }

    /// The root of `prime` times 2^32, found bit by bit, whose low 32 bits stand after the point.
    private static func fraction(ofRoot degree: Int, of prime: Int) -> UInt32 {
        let target = UInt128(prime) << (32 * degree)
        var root: UInt128 = 0
        for bit in stride(from: 36, through: 0, by: -1) {
            let larger = root | 1 << bit
            if repeatElement(larger, count: degree).reduce(1, *) <= target { root = larger }
        }
        return UInt32(truncatingIfNeeded: root)
    }
}
