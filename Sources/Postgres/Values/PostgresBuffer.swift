/// A growing run of bytes in network byte order: where values are encoded to.
public struct PostgresBuffer: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []

    /// An empty buffer.
    public init() {}

    /// How many bytes have been written.
    public var count: Int { bytes.count }

    /// How many bytes there is room for before the buffer has to be moved.
    var room: Int { bytes.capacity }

    /// Makes room for `count` more bytes. Room grows in doublings, so that many small calls stay cheap.
    public mutating func reserve(_ count: Int) {
        let needed = bytes.count + count
        if needed > bytes.capacity {
            bytes.reserveCapacity(max(needed, 2 * bytes.capacity))
        }
    }

    /// Writes one byte.
    @inline(__always)
    public mutating func write(byte: UInt8) {
        bytes.append(byte)
    }

    /// Writes an integer, the highest byte first.
    @inlinable
    public mutating func write<I: FixedWidthInteger>(_ integer: I) {
        withUnsafeBytes(of: integer.bigEndian) { appendRaw($0) }
    }

    /// Writes bytes as they are.
    public mutating func write(_ bytes: [UInt8]) {
        self.bytes.append(contentsOf: bytes)
    }

    /// Writes bytes as they are.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) {
        self.bytes.append(contentsOf: bytes)
    }

    /// Writes text as UTF-8. PostgreSQL's text cannot hold a NUL; whoever encodes text checks for it.
    public mutating func write(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Whether there is a NUL among the bytes from `start` on.
    func hasNUL(from start: Int) -> Bool {
        bytes.withUnsafeBytes { all in
            Scan.hasNUL(UnsafeRawBufferPointer(rebasing: all[start...]))
        }
    }

    @usableFromInline
    mutating func appendRaw(_ raw: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: raw)
    }

    /// Writes what `body` writes, behind its length in four bytes: how PostgreSQL frames the parts of a value.
    ///
    /// Throws what `body` throws, and an error of code `encoding` where the part is longer than 2^31 - 1 bytes.
    @inlinable
    public mutating func writeFramed(
        _ body: (inout PostgresBuffer) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        let start = count
        write(0 as Int32)
        try body(&self)
        try setLength(at: start)
    }

    @usableFromInline
    mutating func setLength(at start: Int) throws(PostgresError) {
        guard let length = Int32(exactly: bytes.count - start - 4) else {
            throw PostgresError(.encoding, "a part of a value is longer than 2147483647 bytes")
        }
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: length.bigEndian, toByteOffset: start, as: Int32.self) }
    }
}
