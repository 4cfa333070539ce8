public import EventSourcing

/// The schema that a store lives in: `skald` unless configured otherwise, so that several stores can share a database.
public struct SchemaName: Sendable, Hashable, CustomStringConvertible {
    /// The name, without quotes.
    public let name: String

    /// `skald`.
    public static let standard = SchemaName(trusted: "skald")

    /// Takes a name of 1 to 40 lower-case letters, digits and underscores that does not begin with a digit.
    ///
    /// The roles of a store are named after its schema (`skald_writer`), so the rule is stricter than PostgreSQL's.
    ///
    /// - Throws: `invalidArgument` otherwise.
    public init(_ name: String) throws(EventStoreError) {
        let letters = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "_")
        }
        let startsWithDigit = name.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? true
        guard letters, !startsWithDigit, name.utf8.count <= 40, !name.hasPrefix("pg_") else {
            throw .invalidArgument(
                "schema",
                "a schema's name has 1 to 40 lower-case letters, digits and underscores, does not begin with a digit or "
                    + "\"pg_\"; got \"\(name)\"")
        }
        self.name = name
    }

    private init(trusted name: String) { self.name = name }

    /// The name, without quotes.
    public var description: String { name }

    /// The name as it stands in statements.
    public var quoted: String { "\"\(name)\"" }
}
