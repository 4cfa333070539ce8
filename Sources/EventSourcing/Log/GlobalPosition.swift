/// The place of an event in the whole log. Positions rise from 1 in the order that every reader sees; there may be
/// gaps.
public struct GlobalPosition: Sendable, Hashable, Comparable, Codable, RawRepresentable {
    /// The position as a number.
    public let rawValue: Int64

    /// Takes a position as a number.
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// Takes a position as a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// Before the first event: 0.
    public static let start = GlobalPosition(0)

    /// Orders positions as numbers.
    public static func < (lhs: GlobalPosition, rhs: GlobalPosition) -> Bool { lhs.rawValue < rhs.rawValue }
}

extension GlobalPosition: ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// Takes a number that stands in the program.
    public init(integerLiteral value: Int64) { self.init(value) }
    /// The number as text.
    public var description: String { rawValue.description }
}
