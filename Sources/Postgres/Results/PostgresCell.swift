/// One value of a result, still in the server's bytes.
///
/// A cell borrows its bytes from the result, which it keeps alive; nothing is copied before it is decoded.
public struct PostgresCell: @unchecked Sendable {
    // Not checked: the pointer leads into memory that `owner` holds, and that nobody writes to once the owner was made
    // (libpq documents a PGresult as read-only; `Standalone` is immutable).
    private let owner: any AnyObject & Sendable
    private let start: UnsafeRawPointer?
    private let byteCount: Int

    /// The object id of the value's type.
    public let typeOID: UInt32

    /// The number of the row, the first one being 0.
    public let row: Int

    /// The number of the column, the first one being 0.
    public let column: Int

    /// Whether the bytes are the type's text rather than its binary form, as statements of the simple protocol give.
    public let isText: Bool

    /// The place in an array, the first one being 0; -1 for a whole cell.
    private let element: Int32

    init(
        owner: any AnyObject & Sendable, start: UnsafeRawPointer?, byteCount: Int, typeOID: UInt32, isText: Bool,
        row: Int, column: Int
    ) {
        self.owner = owner
        self.start = start
        self.byteCount = byteCount
        self.typeOID = typeOID
        self.isText = isText
        self.row = row
        self.column = column
        self.element = -1
    }

    private init(elementOf cell: PostgresCell, index: Int32, bytes: UnsafeRawBufferPointer?, typeOID: UInt32) {
        owner = cell.owner
        start = bytes.flatMap { $0.baseAddress ?? cell.start }
        byteCount = bytes?.count ?? 0
        self.typeOID = typeOID
        isText = cell.isText
        row = cell.row
        column = cell.column
        element = index
    }

    /// A cell that belongs to no result, for tests of your own decoders. `bytes` is nil for null.
    public init(_ bytes: [UInt8]?, type: PostgresType, isText: Bool = false) {
        let storage = Standalone(bytes)
        self.init(
            owner: storage, start: storage.start, byteCount: storage.byteCount, typeOID: type.oid, isText: isText,
            row: 0, column: 0)
    }

    /// Whether the value is null.
    public var isNull: Bool { start == nil }

    /// The value's type.
    public var type: PostgresType { PostgresType.of(oid: typeOID) }

    /// The column's name; empty for a cell that belongs to no result.
    public var columnName: String { (owner as? ResultHandle)?.columnName(column) ?? "" }

    /// Gives `body` the value's bytes, or nil for null. The bytes must not be used after `body` has returned.
    @inline(__always)
    public func withBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer?) throws(E) -> R
    ) throws(E) -> R {
        try withExtendedLifetime(owner) { () throws(E) -> R in
            try body(start.map { UnsafeRawBufferPointer(start: $0, count: byteCount) })
        }
    }

    /// Reads the value.
    @inlinable
    public func decode<T: PostgresDecodable>(_ type: T.Type = T.self) throws(PostgresError) -> T {
        try T(from: self)
    }

    /// One element of this array; it borrows from the same owner.
    func elementCell(_ index: Int32, bytes: UnsafeRawBufferPointer?, typeOID: UInt32) -> PostgresCell {
        PostgresCell(elementOf: self, index: index, bytes: bytes, typeOID: typeOID)
    }

    /// Where the cell is, in words.
    var place: String {
        var words: [String] = []
        if element >= 0 { words.append("element \(element)") }
        if let result = owner as? ResultHandle {
            words.append("column \(column) \"\(result.columnName(column))\", row \(row)")
        } else {
            words.append("a cell")
        }
        return words.joined(separator: " of ")
    }
}

extension PostgresCell {
    /// Bytes of a cell that belongs to no result. Immutable after `init`, and freed with the last cell.
    private final class Standalone: @unchecked Sendable {
        let start: UnsafeRawPointer?
        let byteCount: Int

        init(_ bytes: [UInt8]?) {
            guard let bytes else {
                start = nil
                byteCount = 0
                return
            }
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
            copy.copyBytes(from: bytes)
            start = UnsafeRawPointer(copy.baseAddress)
            byteCount = bytes.count
        }

        deinit {
            start?.deallocate()
        }
    }
}
