/// A step's call, or its undo, ready to run.
struct StepCall: Sendable {
    let step: StepName
    let direction: SagaDirection
    let attempt: Int
    private let body: @Sendable () async throws -> StepOutcome.Result

    /// Nil if the definition has no such call.
    init?(_ action: SagaAction, _ machine: SagaMachine) {
        let closures: StepDefinition.Closures?
        switch action {
        case .perform(let step, let attempt):
            (self.step, direction, self.attempt) = (step, .forward, attempt)
            closures = machine.definition[step]?.forward
        case .undo(let step, let attempt):
            (self.step, direction, self.attempt) = (step, .backward, attempt)
            closures = machine.definition[step]?.backward
        }
        guard let call = closures?.call else { return nil }
        let (context, data, attempt) = (machine.context, machine.state.data, attempt)
        body = { .succeeded(result: try await call(context, attempt, data)) }
    }

    /// Runs the call. When `untilOverdue` returns, the call is cancelled, and its end is still awaited.
    func run(untilOverdue: @escaping @Sendable () async throws -> Void) async -> StepOutcome.Result {
        await withTaskGroup(of: StepOutcome.Result?.self) { group in
            group.addTask { await self.result() }
            group.addTask {
                try? await untilOverdue()
                return nil
            }
            var result: StepOutcome.Result?
            while let ended = await group.next() {
                result = result ?? ended
                group.cancelAll()
            }
            return result ?? .failed(error: "the call was given up")
        }
    }

    private func result() async -> StepOutcome.Result {
        do {
            return try await body()
        } catch let refusal as any SagaRefusal {
            return .refused(reason: String(refusal.reason.prefix(1000)))
        } catch {
            return .failed(error: error.text)
        }
    }
}

extension StepOutcome.Result {
    /// In one word, for metrics.
    var name: String {
        switch self {
        case .succeeded: "succeeded"
        case .refused: "refused"
        case .failed: "failed"
        }
    }
}
