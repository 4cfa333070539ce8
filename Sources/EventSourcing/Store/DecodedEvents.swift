/// Stored events as one type, decoded one after the other. Made by `decoded(as:)` and `events(of:)`.
public struct DecodedEvents<Base: AsyncSequence & Sendable, E: Event>: AsyncSequence, Sendable
where Base.Element == RecordedEvent, Base.Failure == EventStoreError {
    /// Events with where and when they were recorded.
    public typealias Element = Recorded<E>
    /// What reading and decoding throws.
    public typealias Failure = EventStoreError

    let base: Base
    let coding: EventCoding
    /// Whether stored types of other categories are passed over, and not a matter for the policy of unknown events.
    let ownCategoryOnly: Bool

    /// Begins reading.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), coding: coding, ownCategoryOnly: ownCategoryOnly)
    }

    /// Decodes one event after the other.
    public struct Iterator: AsyncIteratorProtocol {
        private var base: Base.AsyncIterator
        private let coding: EventCoding
        private let ownCategoryOnly: Bool
        private var decoded: ArraySlice<Recorded<E>> = []

        init(base: Base.AsyncIterator, coding: EventCoding, ownCategoryOnly: Bool) {
            self.base = base
            self.coding = coding
            self.ownCategoryOnly = ownCategoryOnly
        }

        /// The next event, or nil when the stored ones have ended.
        ///
        /// - Throws: what reading throws; `unknownEventType` or `decoding`, each naming stream, version and type.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(EventStoreError)
            -> Recorded<E>?
        {
            while decoded.isEmpty {
                guard let recorded = try await base.next(isolation: actor) else { return nil }
                if ownCategoryOnly && EventCoding.label(of: recorded.type, in: E.category) == nil { continue }
                decoded = try coding.decode(recorded, as: E.self)[...]
            }
            return decoded.popFirst()
        }
    }
}

extension StreamEvents {
    /// Decodes every event of the stream as one type.
    public func decoded<E: Event>(as type: E.Type, coding: EventCoding = EventCoding()) -> DecodedEvents<Self, E> {
        DecodedEvents(base: self, coding: coding, ownCategoryOnly: false)
    }
}

extension LogEvents {
    /// The events of one type: those of other categories are passed over.
    public func events<E: Event>(of type: E.Type, coding: EventCoding = EventCoding()) -> DecodedEvents<Self, E> {
        DecodedEvents(base: self, coding: coding, ownCategoryOnly: true)
    }
}

extension FollowedEvents {
    /// The events of one type: those of other categories are passed over.
    public func events<E: Event>(of type: E.Type, coding: EventCoding = EventCoding()) -> DecodedEvents<Self, E> {
        DecodedEvents(base: self, coding: coding, ownCategoryOnly: true)
    }
}
