/// Names a sink in the database: where to, and which topics. Its cursors and blocked keys stand under this name, so keep it.
public struct SinkName: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name: 1 to 100 letters, digits, dots, hyphens and underscores, of which the first is a letter or a digit.
    public let name: String

    /// Takes a name. One that is not valid is refused when the relay starts.
    public init(_ name: String) { self.name = name }

    /// Takes a name that stands in the program.
    public init(stringLiteral name: String) { self.init(name) }

    /// The name.
    public var description: String { name }
}
