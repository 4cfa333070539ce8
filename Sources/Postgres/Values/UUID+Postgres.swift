#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension UUID: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `uuid`.
    public static var postgresType: PostgresType { .uuid }

    /// Writes sixteen bytes.
    public func encode(into buffer: inout PostgresBuffer) {
        withUnsafeBytes(of: uuid) { buffer.write($0) }
    }

    /// Reads `uuid`.
    public init(from cell: PostgresCell) throws(PostgresError) {
        self = try cell.withBytes { (bytes) throws(PostgresError) -> UUID in
            guard let bytes else { throw cell.nullError(UUID.self) }
            guard cell.typeOID == 2950, !cell.isText else { throw cell.typeError(UUID.self, accepted: "uuid") }
            guard bytes.count == 16 else { throw cell.malformed(UUID.self) }
            return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
        }
    }
}
