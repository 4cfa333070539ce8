/// All interleavings of a model: breadth first, every state once, so that the first fault found has the shortest story.
struct Exploration {
    let model: WatermarkModel
    private let invariant: String?
    /// Every state that can be reached, or every one looked at before the fault was found.
    private(set) var states: [ModelState]
    private(set) var violation: Violation?
    /// By state: the state it was first reached from, and how.
    private var origins: [(state: Int, action: WatermarkModel.Action)?] = [nil]
    private var fault: (state: Int, action: WatermarkModel.Action)?

    /// - Parameters:
    ///   - invariant: the only one to look at; nil: all.
    ///   - limit: how many states may be looked at; more is a scenario too big for a test.
    init(_ model: WatermarkModel, lookingAt invariant: String? = nil, limit: Int = 200_000) async {
        self.model = model
        self.invariant = invariant
        states = [model.initial]
        var known: Set = [model.initial]
        var index = 0
        while index < states.count, violation == nil {
            precondition(states.count < limit, "more than \(limit) states: make the scenario smaller")
            expand(index, known: &known)
            index += 1
            if index.isMultiple(of: 500) { await Task.yield() }  // tests that wait for a database share these threads
        }
    }

    private mutating func expand(_ index: Int, known: inout Set<ModelState>) {
        let state = states[index]
        var blocked = 0
        for action in model.actions(in: state) {
            guard let next = model.apply(action, to: state) else {
                blocked += 1
                continue
            }
            violation = model.violation(from: state, by: action, to: next).flatMap(relevant)
            guard violation == nil else {
                fault = (index, action)
                return
            }
            guard known.insert(next).inserted else { continue }
            states.append(next)
            origins.append((index, action))
        }
        let waiting = model.programs.indices.filter { !model.isDone($0, in: state) }
        if model.scenario.deadlockIsAFault, blocked > 0, blocked == waiting.count {
            let names = waiting.map { "writer \($0 + 1)" }.joined(separator: " and ")
            violation = relevant(.deadlock("\(names) wait for each other"))
            if violation != nil { fault = origins[index].map { ($0.state, $0.action) } }
        }
    }

    private func relevant(_ violation: Violation) -> Violation? {
        invariant == nil || invariant == violation.invariant ? violation : nil
    }

    /// How the fault comes about, step by step.
    var story: String {
        guard let violation, let fault else { return "no fault in \(states.count) states" }
        var path = [fault]
        while let origin = origins[path[0].state] { path.insert(origin, at: 0) }
        let lines = path.flatMap { model.describe($0.action, from: states[$0.state]) }.enumerated().map {
            number, line in
            (number < 9 ? " " : "") + "\(number + 1). " + line
        }
        return lines.joined(separator: "\n") + "\n=> \(violation.text)"
    }
}
