/// The kind of thing a stream is about: what stands before the first `-` in its name.
///
/// All streams of one kind of event share a category, so `seat-A1` and `seat-B7` are both of the category `seat`.
public struct StreamCategory: Sendable, Hashable, CustomStringConvertible {
    /// The category as it stands in stream names and stored event types.
    public let name: String

    /// Makes a category from a name known at run time.
    ///
    /// - Throws: `invalidArgument` if the name is empty, longer than 200 bytes of UTF-8, holds a control character or a
    ///   `-`, which would end it early.
    public init(validating name: String) throws(EventStoreError) {
        if let reason = Self.flaw(in: name) {
            throw .invalidArgument("category", reason)
        }
        self.name = name
    }

    /// True for the framework's own categories, which begin with `$`.
    public var isReserved: Bool { name.utf8.first == UInt8(ascii: "$") }

    /// The name.
    public var description: String { name }

    /// For a part of a name that has been validated already.
    init(trusted name: String) { self.name = name }

    private static func flaw(in name: String) -> String? {
        if let reason = NameRules.flaw(in: name, what: "a category", limit: 200) { return reason }
        if name.utf8.contains(UInt8(ascii: "-")) {
            return "a category must not contain \"-\", which ends the category in a stream's name; \"\(name)\" does"
        }
        return nil
    }
}

extension StreamCategory: ExpressibleByStringLiteral {
    /// Makes a category from a literal. A literal that breaks the rules is a programming error and stops the program.
    public init(stringLiteral name: String) {
        if let reason = Self.flaw(in: name) { preconditionFailure(reason) }
        self.name = name
    }
}
