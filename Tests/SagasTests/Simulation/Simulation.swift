import EventSourcing
import Foundation
import Testing

@testable import Sagas

/// One saga in a hostile world: calls that throw before or after their effect, workers that die at any moment, messages
/// that are lost, doubled and overtaken, operators who interfere. After a while the world calms down and the saga must
/// end.
struct Simulation {
    enum Parcel {
        case command(OutgoingCommand)
        case outcome(StepOutcome)
        /// A call of a worker that was given up for dead: it still happens.
        case stray(StepName, SagaDirection)
    }

    let definition: SagaDefinition
    let context = StepContext(saga: RandomSaga.name, id: "1")
    var machine: SagaMachine
    var history: [SagaEvent]
    var participant = Participant()
    var network: [Parcel] = []
    var skipped: Set<StepName> = []
    var random: SeededGenerator
    var now = Date(timeIntervalSince1970: 1_800_000_000)
    var isHostile = true
    var crashes = 0

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        definition = try SagaDefinition(RandomSaga(using: &random))
        history = [.started(definition: 1, input: [:], at: now)]
        let state = try #require(SagaState(folding: history))
        machine = SagaMachine(definition, context, state)
    }

    mutating func run() throws {
        for _ in 0..<Int.random(in: 5...60, using: &random) { try step() }
        isHostile = false
        for _ in 0..<600 where !(machine.state.isFinished && network.isEmpty) { try step() }
        try #require(machine.state.isFinished && network.isEmpty, "no end: \(machine.state)")
    }

    private mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40: try act()
        case 40..<70: try deliver()
        case 70..<85: try letTimePass()
        case 85..<92: if isHostile { try crash() } else { try letTimePass() }
        default: try interfere()
        }
    }

    /// The worker does what the state asks for.
    private mutating func act() throws {
        guard let action = SagaAction(machine.state) else { return }
        let (step, direction, attempt) =
            switch action {
            case .perform(let step, let attempt): (step, SagaDirection.forward, attempt)
            case .undo(let step, let attempt): (step, SagaDirection.backward, attempt)
            }
        let fate = isHostile ? Int.random(in: 0..<10, using: &random) : 0
        func outcome(_ result: StepOutcome.Result) -> StepOutcome {
            StepOutcome(step: step, direction: direction, attempt: attempt, result: result)
        }
        switch fate {
        case 5: try input(.outcome(outcome(.failed(error: "failed before the effect"))))
        case 6:
            happen(step, direction)
            try input(.outcome(outcome(.failed(error: "failed after the effect"))))
        case 7:
            happen(step, direction)
            try crash()
        case 8: network.append(.stray(step, direction))
        case 9: network.append(.outcome(outcome(happen(step, direction))))
        default:
            let result = happen(step, direction)
            try input(.outcome(outcome(result)))
            // The worker may have run it twice.
            if isHostile, Bool.random(using: &random) { try input(.outcome(outcome(happen(step, direction)))) }
        }
    }

    /// The network delivers something: not in order, and not once.
    private mutating func deliver() throws {
        guard let index = network.indices.randomElement(using: &random) else { return }
        let parcel = network[index]
        let isDoubled = isHostile && .random(in: 0..<4, using: &random) == 0
        if !isDoubled { network.remove(at: index) }
        if isHostile, .random(in: 0..<8, using: &random) == 0 { return }
        switch parcel {
        case .outcome(let outcome): try input(.outcome(outcome))
        case .stray(let step, let direction): happen(step, direction)
        case .command(let command):
            let result = happen(command.step, command.direction)
            network.append(
                .outcome(
                    StepOutcome(
                        step: command.step, direction: command.direction, attempt: command.attempt, result: result)))
        }
    }

    private mutating func letTimePass() throws {
        guard let due = machine.state.dueAt else { return }
        if isHostile, .random(in: 0..<3, using: &random) == 0 { return try input(.due) }
        now = max(now, due)
        try input(.due)
    }

    /// Another worker takes over with nothing but the history.
    private mutating func crash() throws {
        crashes += 1
        let read = try history.map { try $0.storedAndRead() }
        machine = SagaMachine(definition, context, try #require(SagaState(folding: read)))
        if machine.state.status == .running { try input(.interrupted) }
    }

    private mutating func interfere() throws {
        let state = machine.state
        guard state.status == .needsAttention || (isHostile && .random(in: 0..<6, using: &random) == 0) else { return }
        var verb = OperatorVerb.Verb.retry
        if let step = state.step, state.status == .needsAttention, Bool.random(using: &random) {
            // The operator tells the truth: what is skipped on the way back has been undone by hand, what is given a
            // result has been done by hand.
            switch state.direction {
            case .backward:
                verb = .skip
                _ = participant.undo(key(step))
            case .forward:
                if case .succeeded = participant.act(key(step), refusing: false) {
                    verb = .setResult(result: 1)
                } else {
                    verb = .skip
                    skipped.insert(step)
                }
            }
        }
        try input(.verb(OperatorVerb(verb: verb, step: state.step, actor: "ada", reason: "test")))
    }

    @discardableResult
    private mutating func happen(_ step: StepName, _ direction: SagaDirection) -> StepOutcome.Result {
        switch direction {
        case .forward:
            let isWilling = definition[step]?.canGoBack == false || !isHostile
            return participant.act(key(step), refusing: !isWilling && .random(in: 0..<6, using: &random) == 0)
        case .backward:
            if isHostile, .random(in: 0..<6, using: &random) == 0 { return .refused(reason: "not now") }
            return participant.undo(key(step))
        }
    }

    func key(_ step: StepName) -> IdempotencyKey {
        IdempotencyKey(tenant: "", saga: context.saga, id: context.id, step: step)
    }

    private mutating func input(_ input: SagaInput) throws {
        let transition = machine.handle(input, at: now, using: &random)
        history += transition.events
        network += transition.commands.map { .command($0) }
        #expect(try transition.events.map { try $0.storedAndRead() } == transition.events)
        #expect(SagaState(folding: history) == machine.state)
    }
}
