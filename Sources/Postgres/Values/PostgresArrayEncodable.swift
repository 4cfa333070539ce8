/// A value that can be an element of an array parameter.
///
/// The default implementations serve every type that is `PostgresEncodable` itself.
public protocol PostgresArrayEncodable: Sendable {
    /// The type that an array of these is declared with.
    static var postgresArrayType: PostgresType { get }

    /// Writes an array in the binary form of `postgresArrayType`.
    static func encodeArray(_ elements: [Self], into buffer: inout PostgresBuffer) throws(PostgresError)
}
