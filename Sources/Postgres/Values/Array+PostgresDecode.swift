extension PostgresArrayDecodable where Self: PostgresDecodable {
    /// Reads the elements through cells that borrow from the array's.
    public static func decodeArray(from cell: PostgresCell) throws(PostgresError) -> [Self] {
        try cell.withBytes { (bytes) throws(PostgresError) -> [Self] in
            guard let bytes else { throw cell.nullError([Self].self) }
            guard !cell.isText else { throw cell.typeError([Self].self, accepted: "arrays") }
            var reader = try ArrayReader(bytes, cell: cell, wanted: [Self].self)
            var elements: [Self] = []
            elements.reserveCapacity(reader.count)
            while let element = try reader.next() {
                elements.append(try Self(from: element))
            }
            return elements
        }
    }
}

/// Walks over the binary form of an array. Source: `array_send` in PostgreSQL's `arrayfuncs.c`.
private struct ArrayReader<Wanted> {
    let cell: PostgresCell
    let bytes: UnsafeRawBufferPointer
    let elementOID: UInt32
    let count: Int
    var offset = 12
    var index = 0

    init(_ bytes: UnsafeRawBufferPointer, cell: PostgresCell, wanted: Wanted.Type) throws(PostgresError) {
        // int2vector and oidvector, of the catalogs, are arrays too, but they count from 0.
        let isKnownArray = PostgresType.isArray(oid: cell.typeOID)
        guard isKnownArray ?? (bytes.count >= 12) else { throw cell.typeError(Wanted.self, accepted: "arrays") }
        guard bytes.count >= 12 else { throw cell.malformed(Wanted.self) }
        self.cell = cell
        self.bytes = bytes
        let dimensions = bytes.integer(at: 0)
        elementOID = UInt32(bitPattern: bytes.integer(at: 8))
        guard dimensions != 0 else {
            count = 0
            guard bytes.count == 12 else { throw cell.malformed(Wanted.self) }
            return
        }
        guard dimensions == 1 else {
            throw cell.error(
                Wanted.self, "it has \(dimensions) dimensions and only one can be decoded",
                hint: "Take it apart with unnest, or select it as JSON: to_jsonb(…).")
        }
        guard bytes.count >= 20, bytes.integer(at: 12) >= 0 else { throw cell.malformed(Wanted.self) }
        count = Int(bytes.integer(at: 12))
        // Every element takes four bytes at least, so that a false count cannot make us reserve memory for it.
        guard count <= (bytes.count - 20) / 4 else { throw cell.malformed(Wanted.self) }
        offset = 20
    }

    mutating func next() throws(PostgresError) -> PostgresCell? {
        guard index < count else {
            guard offset == bytes.count else { throw cell.malformed(Wanted.self) }
            return nil
        }
        guard offset + 4 <= bytes.count else { throw cell.malformed(Wanted.self) }
        let length = Int(bytes.integer(at: offset))
        offset += 4
        defer { index += 1 }
        guard length != -1 else { return cell.elementCell(Int32(index), bytes: nil, typeOID: elementOID) }
        guard length >= 0, length <= bytes.count - offset else { throw cell.malformed(Wanted.self) }
        let slice = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
        offset += length
        return cell.elementCell(Int32(index), bytes: slice, typeOID: elementOID)
    }
}

extension UnsafeRawBufferPointer {
    /// Four bytes in network order. They must be there.
    fileprivate func integer(at offset: Int) -> Int32 {
        Int32(bigEndian: loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }
}
