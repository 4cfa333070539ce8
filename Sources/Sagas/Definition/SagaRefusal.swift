/// An error by which a participant says for certain: this was not done and will not be done.
///
/// A step that throws a refusal is not repeated. Before the pivot, and at the pivot, the saga goes back; a refused step
/// itself is undone only if an earlier attempt of it may have taken effect. Any other error leaves the outcome unknown:
/// the step is repeated by its policy, and undone when it is given up.
///
/// A refusal answers for the key, not only for the attempt: who has refused a key must not do it later.
public protocol SagaRefusal: Error {
    /// Why, in words for the operator; by default the error's description.
    var reason: String { get }
}

extension SagaRefusal {
    /// The error's description.
    public var reason: String { String(describing: self) }
}

/// A refusal in words, for example `throw Refused("the card was declined")`.
public struct Refused: SagaRefusal, Hashable, CustomStringConvertible {
    /// Why.
    public let reason: String

    /// Makes a refusal.
    public init(_ reason: String) { self.reason = reason }

    /// The reason.
    public var description: String { reason }
}
