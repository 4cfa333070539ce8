/// Which life of the log a position belongs to. It rises when the log may have gone back: after the recovery of an older
/// copy, the promotion of a standby that was behind, or when an operator says so, because files were copied back as they
/// are. After a crash it stays what it was: positions may be drawn again, but none that an event was read at.
///
/// Within one generation a position means one event for ever. Across generations it may have been used twice.
public struct LogGeneration: Sendable, Hashable, Comparable, Codable, RawRepresentable {
    /// The generation as a number, 1 for a log that has never gone back.
    public let rawValue: Int64

    /// Takes a generation as a number.
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// Takes a generation as a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The generation of a log that has never gone back: 1.
    public static let first = LogGeneration(1)

    /// Orders generations as numbers.
    public static func < (lhs: LogGeneration, rhs: LogGeneration) -> Bool { lhs.rawValue < rhs.rawValue }
}

extension LogGeneration: ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// Takes a number that stands in the program.
    public init(integerLiteral value: Int64) { self.init(value) }
    /// The number as text.
    public var description: String { rawValue.description }
}
