import EventSourcing

/// A saga without its types: what the engine runs, and what can be drawn and checked.
public struct SagaDefinition: Sendable {
    /// The stored name.
    public let name: SagaName
    /// The version of the definition.
    public let version: Int
    /// The steps in their order.
    public let steps: [StepDefinition]

    /// Checks a saga and erases its types.
    ///
    /// - Throws: ``SagaError/Code/invalidDefinition`` when a name is not valid, or two steps share a name or an `into:`
    ///   path.
    public init<S: Saga>(_ saga: S) throws(SagaError) {
        let plans = saga.steps.plans
        try Self.check(S.self, plans)
        name = S.name
        version = S.version
        let slots: [(name: StepName, slot: StepPlan<S.State>.Slot)] = plans.compactMap { plan in
            plan.slot.map { (plan.name, $0) }
        }
        let decode: @Sendable (SagaData) throws -> S.State = { data in
            var state = try data.input.decode(S.State.self)
            for (step, slot) in slots {
                if let result = data.results[step] { try slot.set(&state, result) }
            }
            return state
        }
        var steps: [StepDefinition] = []
        var passed = false
        for plan in plans {
            if plan.kind == .retriable { passed = true }
            steps.append(StepDefinition(plan, canGoBack: !passed, decode: decode))
            if plan.kind == .pivot { passed = true }
        }
        self.steps = steps
    }

    subscript(step: StepName) -> StepDefinition? { steps.first { $0.name == step } }

    private static func check<S: Saga>(_ saga: S.Type, _ plans: [StepPlan<S.State>]) throws(SagaError) {
        func fail(_ message: String) -> SagaError { SagaError(.invalidDefinition, "Saga '\(S.name)': \(message)") }
        let rule = "use 1 to 64 lower-case letters, digits and hyphens, a letter first."
        guard S.name.isValid else { throw fail("the name is not valid; \(rule)") }
        guard S.version >= 1 else { throw fail("version \(S.version) is not valid; versions begin at 1.") }
        var names: Set<StepName> = []
        var paths: [AnyKeyPath: StepName] = [:]
        for plan in plans {
            guard plan.name.isValid else { throw fail("the step name '\(plan.name)' is not valid; \(rule)") }
            guard names.insert(plan.name).inserted else {
                throw fail("two steps are named '\(plan.name)'; the journal knows steps by name, so give each its own.")
            }
            guard let slot = plan.slot else { continue }
            if let other = paths.updateValue(plan.name, forKey: slot.path) {
                throw fail(
                    "steps '\(other)' and '\(plan.name)' write into the same property \(slot.path); give each its own.")
            }
        }
    }
}
