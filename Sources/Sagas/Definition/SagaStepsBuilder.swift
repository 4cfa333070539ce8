/// Collects the steps of a saga and lets the compiler check their order: compensatable steps, then at most one pivot,
/// then retriable steps. A pause can stand anywhere.
///
/// The block's type says whether the point of no return has been passed. An order that can't be kept meets an overload
/// that is unavailable and says in a sentence what to do.
@resultBuilder
public enum SagaStepsBuilder<State: Codable & Sendable> {
    /// The first step: the saga can go back from it.
    public static func buildPartialBlock(first: CompensatableStep<State>) -> StepsBeforePivot<State> {
        .init(plans: [first.plan])
    }

    /// A pause at the beginning.
    public static func buildPartialBlock(first: WaitStep<State>) -> StepsBeforePivot<State> {
        .init(plans: [first.plan])
    }

    /// A saga that begins with its pivot.
    public static func buildPartialBlock(first: PivotStep<State>) -> StepsAfterPivot<State> {
        .init(plans: [first.plan])
    }

    /// A saga that only goes forward.
    public static func buildPartialBlock(first: RetriableStep<State>) -> StepsAfterPivot<State> {
        .init(plans: [first.plan])
    }

    /// One more step that can be undone.
    public static func buildPartialBlock(
        accumulated: StepsBeforePivot<State>, next: CompensatableStep<State>
    ) -> StepsBeforePivot<State> { .init(plans: accumulated.plans + [next.plan]) }

    /// A pause before the pivot.
    public static func buildPartialBlock(
        accumulated: StepsBeforePivot<State>, next: WaitStep<State>
    ) -> StepsBeforePivot<State> { .init(plans: accumulated.plans + [next.plan]) }

    /// The pivot.
    public static func buildPartialBlock(
        accumulated: StepsBeforePivot<State>, next: PivotStep<State>
    ) -> StepsAfterPivot<State> { .init(plans: accumulated.plans + [next.plan]) }

    /// The first step that only goes forward, in a saga without a pivot.
    public static func buildPartialBlock(
        accumulated: StepsBeforePivot<State>, next: RetriableStep<State>
    ) -> StepsAfterPivot<State> { .init(plans: accumulated.plans + [next.plan]) }

    /// One more step that only goes forward.
    public static func buildPartialBlock(
        accumulated: StepsAfterPivot<State>, next: RetriableStep<State>
    ) -> StepsAfterPivot<State> { .init(plans: accumulated.plans + [next.plan]) }

    /// A pause after the pivot.
    public static func buildPartialBlock(
        accumulated: StepsAfterPivot<State>, next: WaitStep<State>
    ) -> StepsAfterPivot<State> { .init(plans: accumulated.plans + [next.plan]) }

    /// The steps, when there is no pivot.
    public static func buildFinalResult(_ steps: StepsBeforePivot<State>) -> SagaSteps<State> {
        SagaSteps(plans: steps.plans)
    }

    /// The steps, when there is a pivot or a retriable step.
    public static func buildFinalResult(_ steps: StepsAfterPivot<State>) -> SagaSteps<State> {
        SagaSteps(plans: steps.plans)
    }
}

// What can't be: the sentence is what the author of the saga reads.
extension SagaStepsBuilder {
    /// Refused: after the pivot nothing is undone.
    @available(
        *, unavailable,
        message: """
            A compensatable step cannot follow the pivot or a retriable step: from there the saga only goes forward and \
            would never undo it. Move it before the pivot, or make it Retriable.
            """
    )
    public static func buildPartialBlock(
        accumulated: StepsAfterPivot<State>, next: CompensatableStep<State>
    ) -> StepsAfterPivot<State> { .init(plans: accumulated.plans + [next.plan]) }

    /// Refused: there is one point of no return.
    @available(
        *, unavailable,
        message: """
            A saga has at most one pivot, and none after a retriable step: the point of no return has been passed. Make \
            this step Retriable, or make the earlier one Compensatable.
            """
    )
    public static func buildPartialBlock(
        accumulated: StepsAfterPivot<State>, next: PivotStep<State>
    ) -> StepsAfterPivot<State> { .init(plans: accumulated.plans + [next.plan]) }

    /// Refused: steps are data.
    @available(
        *, unavailable,
        message: "Steps are data, the same for every saga of a kind: write .when { state in … } on the step instead."
    )
    public static func buildOptional(_ steps: StepsBeforePivot<State>?) -> CompensatableStep<State> {
        preconditionFailure("unavailable")
    }
}
