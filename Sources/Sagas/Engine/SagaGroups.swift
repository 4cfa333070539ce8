/// How many sagas are under way, by kind and state. A group that was there once and is empty now has the size zero: a gauge
/// that nobody sets keeps its last value for ever.
struct SagaGroups: Sendable {
    struct Group: Sendable, Hashable {
        let saga: String
        let definition: Int
        let status: String
    }

    struct Size: Sendable, Hashable {
        var count: Int64 = 0
        /// For how long the one that has waited longest is overdue, in seconds.
        var overdue: Double = 0
    }

    private(set) var sizes: [Group: Size] = [:]

    /// Takes the groups that the database counted.
    mutating func found(_ groups: [(group: Group, count: Int64, overdue: Double)]) {
        sizes = sizes.mapValues { _ in Size() }
        for (group, count, overdue) in groups { sizes[group] = Size(count: count, overdue: overdue) }
    }
}
