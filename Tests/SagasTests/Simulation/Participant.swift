import EventSourcing

@testable import Sagas

/// A participant that keeps the contract: effects by key, refusals for ever, tombstones for undos that come first.
struct Participant {
    private(set) var effects: Set<IdempotencyKey> = []
    private(set) var tombstones: Set<IdempotencyKey> = []
    private(set) var refused: Set<IdempotencyKey> = []

    mutating func act(_ key: IdempotencyKey, refusing: Bool) -> StepOutcome.Result {
        if tombstones.contains(key) { return .refused(reason: "undone before it was done") }
        if refused.contains(key) { return .refused(reason: "refused before") }
        if !effects.contains(key) && refusing {
            refused.insert(key)
            return .refused(reason: "no")
        }
        effects.insert(key)
        return .succeeded(result: 1)
    }

    mutating func undo(_ key: IdempotencyKey) -> StepOutcome.Result {
        effects.remove(key)
        tombstones.insert(key)
        return .succeeded(result: nil)
    }
}
