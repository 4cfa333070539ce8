/// How often a unit of work has changed hands: the number that fences the writes of a former owner.
///
/// Epochs of one unit only rise. A write that carries an epoch which is no longer the unit's is refused by the database
/// (`lease_guard`, SQLSTATE SK007), however sure its sender is that it still owns the unit.
public struct Epoch: RawRepresentable, Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number as it stands in the database; 1 is the first owner's.
    public let rawValue: Int64

    /// An epoch with the number that stands in the database.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Orders epochs as numbers.
    public static func < (left: Epoch, right: Epoch) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The number as text.
    public var description: String {
        String(rawValue)
    }
}
