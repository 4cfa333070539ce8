#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The rules of a saga as a pure state machine: inputs in, facts and commands out, `now` and chance passed in.
///
/// The state changes only by folding the facts it decides, so a history folds to the same state by construction. What a
/// worker has to do next follows from the state alone (``SagaAction``): after a crash it folds and goes on.
///
/// The rules stand in `SagaDecision` and its extensions: forward, backward, late outcomes, operators.
struct SagaMachine: Sendable {
    let definition: SagaDefinition
    let context: StepContext
    private(set) var state: SagaState

    init(_ definition: SagaDefinition, _ context: StepContext, _ state: SagaState) {
        self.definition = definition
        self.context = context
        self.state = state
    }

    /// What one input does. Nothing comes back, and the state stays, where the input changes nothing.
    ///
    /// - Parameters:
    ///   - now: by the database's clock.
    ///   - random: gives the jitter of the pauses.
    mutating func handle(
        _ input: SagaInput, at now: Date, using random: inout some RandomNumberGenerator
    ) -> SagaTransition {
        var decision = SagaDecision(
            definition: definition, context: context, now: now.adding(.zero), random: random, state: state)
        decision.handle(input)
        state = decision.state
        random = decision.random
        return decision.transition
    }
}
