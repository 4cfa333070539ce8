/// A value that can be bound to a parameter of a statement.
///
/// | Swift | PostgreSQL | limits |
/// | --- | --- | --- |
/// | `Bool` | `bool` | |
/// | `Int16`, `Int32` | `int2`, `int4` | |
/// | `Int64`, `Int` | `int8` | bind `Int32` where a function takes `integer` |
/// | `Double` | `float8` | |
/// | `String` | `text` | no NUL; a cast makes other types of it: `\(name)::citext` |
/// | `[UInt8]` | `bytea` | |
/// | `UUID` | `uuid` | |
/// | `Date` | `timestamptz` | whole microseconds; finite |
/// | ``PostgresDate`` | `date` | finite |
/// | ``PostgresNumeric`` | `numeric` | |
/// | ``JSON``, ``JSONB`` | `json`, `jsonb` | UTF-8, no NUL; in `jsonb` no `\u0000` either |
/// | `[T]`, `[T?]` | array of `T`'s type | one dimension |
/// | `T?` | as `T`, or null | |
///
/// Conform a type of your own by saying which PostgreSQL type it is and writing that type's binary form. A type with a raw
/// value needs no more than the conformance:
///
/// ```swift
/// struct BookingID: RawRepresentable, PostgresEncodable, PostgresArrayEncodable { let rawValue: UUID }
/// ```
public protocol PostgresEncodable: Sendable {
    /// The type that the parameter is declared with.
    static var postgresType: PostgresType { get }

    /// Writes the value in the binary form of `postgresType`.
    ///
    /// Throws an error of code `encoding` where the value has no such form. It is kept, and thrown when the statement is
    /// sent.
    func encode(into buffer: inout PostgresBuffer) throws(PostgresError)
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    /// The raw value's type.
    public static var postgresType: PostgresType { RawValue.postgresType }

    /// Writes the raw value.
    public func encode(into buffer: inout PostgresBuffer) throws(PostgresError) {
        try rawValue.encode(into: &buffer)
    }
}
