/// Up to eight small numbers in one machine word: states are compared and hashed by the hundred thousand.
struct Bytes: Hashable {
    private(set) var word: UInt64 = 0

    subscript(index: Int) -> Int {
        get { Int(word >> (8 * UInt64(index)) & 0xff) }
        set {
            precondition(
                (0..<8).contains(index) && (0..<256).contains(newValue), "the scenario is too big for the model")
            word &= ~(0xff << (8 * UInt64(index)))
            word |= UInt64(newValue) << (8 * UInt64(index))
        }
    }

    /// As a list of positions, which are never 0.
    var count: Int { 8 - word.leadingZeroBitCount / 8 }
    var isEmpty: Bool { word == 0 }
    mutating func append(_ number: Int) { self[count] = number }
    mutating func removeFirst() -> Int {
        let first = self[0]
        word >>= 8
        return first
    }
}
