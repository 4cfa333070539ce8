/// The key under which a participant knows one effect of one saga.
///
/// It is made of tenant, saga name, saga id and step name, and of nothing else: every attempt of a step and its undo
/// carry the same key. A participant that has seen a key answers as it did before; an undo with a key it has not seen
/// succeeds and leaves a tombstone that refuses the action when that comes late.
public struct IdempotencyKey: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The key as sent, for example `book-trip/4711/hold-seat`.
    public let rawValue: String

    /// Takes a key as it is.
    public init(rawValue: String) { self.rawValue = rawValue }

    init(tenant: String, saga: SagaName, id: SagaID, step: StepName) {
        // Name and step hold no slash, so the key is unambiguous whatever the id holds.
        let key = "\(saga)/\(id)/\(step)"
        rawValue = tenant.isEmpty ? key : "\(tenant):\(key)"
    }

    /// The key as sent.
    public var description: String { rawValue }
}
