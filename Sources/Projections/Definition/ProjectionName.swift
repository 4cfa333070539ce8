/// The name of a projection, as its checkpoint and its lease carry it. Renaming a projection begins it anew.
public struct ProjectionName: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name.
    public let rawValue: String

    /// Makes a name from a literal: 1 to 200 bytes. A literal that breaks the rule is a programming error and stops the
    /// program.
    public init(stringLiteral value: String) {
        precondition((1...200).contains(value.utf8.count), "a projection's name has 1 to 200 bytes; got \"\(value)\"")
        rawValue = value
    }

    /// The name.
    public var description: String { rawValue }
}
