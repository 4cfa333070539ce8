/// What a step means for the way back.
public enum StepKind: String, Sendable, Hashable, Codable {
    /// Can be undone; stands before the pivot.
    case compensatable
    /// Decides: once it has succeeded the saga only goes forward.
    case pivot
    /// Is repeated until it succeeds; the saga no longer goes back.
    case retriable
    /// Only lets time pass; there is nothing to undo.
    case wait
}
