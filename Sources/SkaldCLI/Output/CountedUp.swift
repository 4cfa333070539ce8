/// A number that the database counts up to a limit only, so that asking stays cheap.
struct CountedUp: Sendable, Hashable, CustomStringConvertible {
    /// Where the database stops: messages of one refused key, and of one bucket of a lane.
    static let limit: Int64 = 1000

    let count: Int64
    let isExact: Bool

    init(_ count: Int64, isExact: Bool) {
        self.count = count
        self.isExact = isExact
    }

    /// What was counted at once.
    init(_ count: Int64) {
        self.init(count, isExact: count < Self.limit)
    }

    static func + (one: CountedUp, other: CountedUp) -> CountedUp {
        CountedUp(one.count + other.count, isExact: one.isExact && other.isExact)
    }

    /// `1000+` where there may be more.
    var description: String { isExact ? "\(count)" : "\(count)+" }
}
