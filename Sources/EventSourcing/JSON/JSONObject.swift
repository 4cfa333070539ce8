/// The members of a JSON object, sorted by the bytes of their names, each name once.
public struct JSONObject: Sendable, Hashable {
    /// The members in order.
    public private(set) var members: [Member]

    /// An object without members.
    public init() { members = [] }

    /// Takes members in any order. Where a name comes twice, the last one counts.
    public init(_ unsorted: [Member]) {
        members = []
        members.reserveCapacity(unsorted.count)
        for member in unsorted { self[member.name] = member.value }
    }

    /// For members that are sorted already, each name once.
    init(sorted members: [Member]) { self.members = members }

    /// The value of a name.
    public subscript(name: String) -> JSONValue? {
        get {
            let index = lowerBound(name)
            guard index < members.count, !name.precedesByBytes(members[index].name) else { return nil }
            return members[index].value
        }
        set {
            let index = lowerBound(name)
            let isThere = index < members.count && !name.precedesByBytes(members[index].name)
            switch (isThere, newValue) {
            case (true, let value?): members[index].value = value
            case (true, nil): members.remove(at: index)
            case (false, let value?): members.insert(Member(name, value), at: index)
            case (false, nil): break
            }
        }
    }

    /// A name and its value.
    public struct Member: Sendable, Hashable {
        /// The name.
        public let name: String
        /// The value.
        public var value: JSONValue

        /// Makes a member.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The index of the first member whose name does not come before this one.
    private func lowerBound(_ name: String) -> Int {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].name.precedesByBytes(name) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Takes what stands in the program as it is.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements.map { Member($0.0, $0.1) })
    }
}
