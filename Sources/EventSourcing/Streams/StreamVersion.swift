/// The place of an event in its stream: the first is 0, and there are no holes.
public struct StreamVersion: Sendable, Hashable, Comparable, Codable, RawRepresentable {
    /// The version as a number, 0 or more.
    public let rawValue: Int64

    /// Takes a version as a number.
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// Takes a version as a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The version of a stream's first event: 0.
    public static let first = StreamVersion(0)

    /// The version of the event that follows.
    public var next: StreamVersion { StreamVersion(rawValue + 1) }

    /// Orders versions as numbers.
    public static func < (lhs: StreamVersion, rhs: StreamVersion) -> Bool { lhs.rawValue < rhs.rawValue }
}

extension StreamVersion: ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// Takes a number that stands in the program.
    public init(integerLiteral value: Int64) { self.init(value) }
    /// The number as text.
    public var description: String { rawValue.description }
}
