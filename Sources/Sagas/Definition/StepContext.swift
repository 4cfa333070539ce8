/// Who runs: what a step's closures need besides the state.
struct StepContext: Sendable, Hashable {
    var tenant = ""
    let saga: SagaName
    let id: SagaID

    func run<State>(_ step: StepName, attempt: Int, state: State) -> Run<State> {
        Run(
            sagaID: id, step: step, key: IdempotencyKey(tenant: tenant, saga: saga, id: id, step: step),
            attempt: attempt, state: state)
    }
}
