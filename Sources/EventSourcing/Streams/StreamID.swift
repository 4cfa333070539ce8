/// The name of a stream: a category and a key, written `seat-A1`.
///
/// A name has 1 to 250 bytes of UTF-8 and no control characters. The category is what stands before the first `-`; the
/// key is what follows it, and may contain further dashes (`seat-2f1b-77`). Names that begin with `$` are the
/// framework's own: they can be read, and appending to them is refused.
public struct StreamID: Sendable, CustomStringConvertible {
    /// The longest name, in bytes of UTF-8.
    public static let maximumLength = 250

    /// The whole name, as it is stored.
    public let name: String

    /// Makes a stream's name from its category and key.
    ///
    /// - Throws: `invalidArgument` if the key is empty or the name breaks the rules above.
    public init(_ category: StreamCategory, _ key: some StreamKey) throws(EventStoreError) {
        let key = key.streamKey
        if key.isEmpty {
            throw .invalidArgument("stream", "the key of a stream of category \"\(category)\" must not be empty")
        }
        try self.init(validating: "\(category.name)-\(key)")
    }

    /// Takes a whole name, as stored or as typed by somebody.
    ///
    /// - Throws: `invalidArgument` if the name breaks the rules above.
    public init(validating name: String) throws(EventStoreError) {
        if let reason = NameRules.flaw(in: name, what: "a stream's name", limit: Self.maximumLength) {
            throw .invalidArgument("stream", reason)
        }
        self.name = name
    }

    /// What stands before the first `-`: the whole name if there is none.
    public var category: StreamCategory {
        guard let dash = name.utf8.firstIndex(of: UInt8(ascii: "-")) else { return StreamCategory(trusted: name) }
        return StreamCategory(trusted: String(name[..<dash]))
    }

    /// What stands after the first `-`: empty if there is none.
    public var key: String {
        guard let dash = name.utf8.firstIndex(of: UInt8(ascii: "-")) else { return "" }
        return String(name[name.utf8.index(after: dash)...])
    }

    /// The key as the type it was made from, or nil if it cannot be one.
    public func key<Key: StreamKey>(as type: Key.Type = Key.self) -> Key? { Key(streamKey: key) }

    /// True for the framework's own streams, which begin with `$`.
    public var isReserved: Bool { name.utf8.first == UInt8(ascii: "$") }

    /// The name.
    public var description: String { name }
}

extension StreamID: Hashable, Comparable {
    // By bytes, as PostgreSQL's collation "C" has it. Swift's own string equality would take two names that differ in
    // Unicode normalisation for one, and the database would not.

    /// True if both names are the same bytes.
    public static func == (lhs: StreamID, rhs: StreamID) -> Bool {
        lhs.name.hasSameBytes(as: rhs.name)
    }

    /// Orders names by their bytes.
    public static func < (lhs: StreamID, rhs: StreamID) -> Bool {
        lhs.name.precedesByBytes(rhs.name)
    }

    /// Hashes what equality compares.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension StreamID: ExpressibleByStringLiteral {
    /// Makes a stream's name from a literal. A literal that breaks the rules is a programming error and stops the
    /// program.
    public init(stringLiteral name: String) {
        if let reason = NameRules.flaw(in: name, what: "a stream's name", limit: Self.maximumLength) {
            preconditionFailure(reason)
        }
        self.name = name
    }
}

extension StreamID: Codable {
    /// Reads the name from a string.
    public init(from decoder: any Decoder) throws {
        try self.init(validating: decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the name as a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
