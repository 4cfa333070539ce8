/// The steps of a saga in their order, as ``SagaStepsBuilder`` collected them.
public struct SagaSteps<State: Codable & Sendable>: Sendable {
    var plans: [StepPlan<State>]
}

/// Steps from which the saga can still go back.
public struct StepsBeforePivot<State: Codable & Sendable>: Sendable {
    var plans: [StepPlan<State>]
}

/// Steps of which the last ones only go forward.
public struct StepsAfterPivot<State: Codable & Sendable>: Sendable {
    var plans: [StepPlan<State>]
}
