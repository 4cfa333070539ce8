/// The parameters of a statement in the form that libpq takes: parallel arrays, valid inside one scope.
struct StatementParameters {
    let count: Int32
    let types: UnsafePointer<UInt32>
    let values: UnsafePointer<UnsafePointer<CChar>?>
    let lengths: UnsafePointer<Int32>
    /// All 1: binary.
    let formats: UnsafePointer<Int32>
}

extension SQL {
    /// Lays the values out in one block and gives `body` the arrays over it. libpq copies them when it is called.
    ///
    /// The statement must have been `validated()`.
    func withParameters<R, E: Error>(_ body: (StatementParameters) throws(E) -> R) throws(E) -> R {
        // Pointers first, then the arrays of four-byte words, then the bytes: all is aligned without padding.
        let count = binds.count
        let stride = MemoryLayout<UnsafePointer<CChar>?>.stride
        let headBytes = count * (stride + 3 * 4)
        let dataBytes = binds.reduce(0) { $0 + ($1.bytes?.count ?? 0) }
        // One byte more than needed: an empty value needs an address too, because nil means null.
        let block = UnsafeMutableRawPointer.allocate(byteCount: headBytes + dataBytes + 1, alignment: stride)
        defer { block.deallocate() }

        let values = block.bindMemory(to: UnsafePointer<CChar>?.self, capacity: count)
        let types = (block + count * stride).bindMemory(to: UInt32.self, capacity: count)
        let lengths = (block + count * (stride + 4)).bindMemory(to: Int32.self, capacity: count)
        let formats = (block + count * (stride + 8)).bindMemory(to: Int32.self, capacity: count)
        var data = (block + headBytes).bindMemory(to: CChar.self, capacity: dataBytes + 1)
        for (index, bind) in binds.enumerated() {
            types[index] = bind.type.oid
            formats[index] = 1
            lengths[index] = Int32(bind.bytes?.count ?? 0)
            values[index] = bind.bytes == nil ? nil : UnsafePointer(data)
            bind.bytes?.withUnsafeBytes { bytes in
                UnsafeMutableRawBufferPointer(start: data, count: bytes.count).copyMemory(from: bytes)
                data += bytes.count
            }
        }
        return try body(
            StatementParameters(
                count: Int32(count), types: types, values: values, lengths: lengths, formats: formats))
    }
}
