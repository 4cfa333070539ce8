import Resilience

@testable import Sagas

/// A saga of random shape: calls, commands and pauses in an order that the compiler would accept.
struct RandomSaga: Saga {
    static let name: SagaName = "random"
    struct State: Codable, Sendable {}
    struct Do: SagaCommand { typealias Reply = Int }
    struct Undo: SagaCommand {}

    let plans: [StepPlan<State>]
    var steps: Steps { return SagaSteps(plans: plans) }

    init(using random: inout SeededGenerator) {
        var plans: [StepPlan<State>] = []
        func name() -> StepName { StepName(rawValue: "step-\(plans.count)") }
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            if .random(in: 0..<6, using: &random) == 0 {
                plans.append(Wait(name()) { _ in .seconds(2) }.plan)
            } else if Bool.random(using: &random) {
                plans.append(
                    Compensatable(name(), to: "x") { _ in
                        Do()
                    } undo: { _ in
                        Undo()
                    }.plan)
            } else {
                plans.append(
                    Compensatable(name()) { _ in
                    } undo: { _ in
                    }.plan)
            }
        }
        if Bool.random(using: &random) {
            let isCommand = Bool.random(using: &random)
            plans.append(isCommand ? Pivot(name(), to: "x") { _ in Do() }.plan : Pivot(name()) { _ in }.plan)
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let isCommand = Bool.random(using: &random)
            plans.append(isCommand ? Retriable(name(), to: "x") { _ in Do() }.plan : Retriable(name()) { _ in }.plan)
        }
        self.plans = plans.map { Self.vary($0, using: &random) }
    }

    private static func vary(_ plan: StepPlan<State>, using random: inout SeededGenerator) -> StepPlan<State> {
        var plan = plan
        if .random(in: 0..<5, using: &random) == 0 { plan.settings.deadline = .seconds(20) }
        if .random(in: 0..<6, using: &random) == 0 { plan.condition = { _ in false } }
        plan.settings.attemptDeadline = .seconds(10)
        if plan.kind != .retriable || .random(in: 0..<3, using: &random) == 0 {
            plan.settings.retry = .attempts(.random(in: 1...4, using: &random))
        }
        plan.settings.undoRetry = .attempts(.random(in: 1...4, using: &random))
        return plan
    }
}
