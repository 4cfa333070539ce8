extension String {
    /// Whether the bytes in UTF-8 come before another's: the order of PostgreSQL's collation "C", and of names in canonical
    /// JSON. The same in every process and language.
    func precedesByBytes(_ other: String) -> Bool {
        let isBefore = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right in left.precedes(right) }
        }
        return (isBefore ?? nil) ?? utf8.lexicographicallyPrecedes(other.utf8)
    }

    /// Whether both are the same bytes in UTF-8. `==` takes two strings that differ in Unicode normalisation for one.
    func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let isSame = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right in left.isSame(as: right) }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Compares eight bytes at a time: names of one category have long beginnings in common.
    fileprivate func precedes(_ other: Self) -> Bool {
        let (left, right) = (UnsafeRawBufferPointer(self), UnsafeRawBufferPointer(other))
        let shorter = Swift.min(left.count, right.count)
        var index = 0
        while index + 8 <= shorter {
            let mine = UInt64(bigEndian: left.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let others = UInt64(bigEndian: right.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            if mine != others { return mine < others }
            index += 8
        }
        while index < shorter {
            if left[index] != right[index] { return left[index] < right[index] }
            index += 1
        }
        return left.count < right.count
    }

    /// For two of one length.
    fileprivate func isSame(as other: Self) -> Bool {
        let (left, right) = (UnsafeRawBufferPointer(self), UnsafeRawBufferPointer(other))
        var index = 0
        while index + 8 <= left.count {
            let mine = left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if mine != right.loadUnaligned(fromByteOffset: index, as: UInt64.self) { return false }
            index += 8
        }
        return left[index...].elementsEqual(right[index...])
    }
}
