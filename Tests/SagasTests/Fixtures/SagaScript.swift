import EventSourcing
import Foundation
import Testing

@testable import Sagas

/// Drives a machine by hand and checks after every input that its history, read back from JSON, folds to its state.
struct SagaScript {
    private(set) var machine: SagaMachine
    private(set) var history: [SagaEvent]
    private(set) var commands: [OutgoingCommand] = []
    var now = Date(timeIntervalSince1970: 1_800_000_000)
    private var random = SeededGenerator(seed: 1)

    var state: SagaState { machine.state }

    init<S: Saga>(_ saga: S, _ input: S.State) throws {
        let definition = try SagaDefinition(saga)
        let started = SagaEvent.started(
            definition: S.version, input: try JSONValue(encoding: input), at: now)
        history = [started]
        let state = try #require(SagaState(folding: history))
        machine = SagaMachine(definition, StepContext(saga: S.name, id: "42"), state)
    }

    @discardableResult
    mutating func input(_ input: SagaInput, sourceLocation: SourceLocation = #_sourceLocation) throws -> [SagaEvent] {
        let transition = machine.handle(input, at: now, using: &random)
        history += transition.events
        commands += transition.commands
        let read = try history.map { try $0.storedAndRead() }
        #expect(read == history, sourceLocation: sourceLocation)
        #expect(SagaState(folding: read) == machine.state, sourceLocation: sourceLocation)
        let row = try JSONValue(encoding: machine.state).decode(SagaState.self)
        #expect(row == machine.state, sourceLocation: sourceLocation)
        return transition.events
    }

    /// Lets time pass until the saga is due.
    @discardableResult
    mutating func due(sourceLocation: SourceLocation = #_sourceLocation) throws -> [SagaEvent] {
        now = max(now, try #require(state.dueAt, sourceLocation: sourceLocation))
        return try input(.due, sourceLocation: sourceLocation)
    }

    @discardableResult
    mutating func outcome(
        _ step: StepName, _ direction: SagaDirection = .forward, attempt: Int? = nil, _ result: StepOutcome.Result,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [SagaEvent] {
        let outcome = StepOutcome(
            step: step, direction: direction, attempt: attempt ?? state.attempt, result: result)
        return try input(.outcome(outcome), sourceLocation: sourceLocation)
    }

    @discardableResult
    mutating func done(
        _ step: StepName, _ result: some Encodable, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [SagaEvent] {
        try outcome(step, .forward, .succeeded(result: JSONValue(encoding: result)), sourceLocation: sourceLocation)
    }

    @discardableResult
    mutating func undone(_ step: StepName, sourceLocation: SourceLocation = #_sourceLocation) throws -> [SagaEvent] {
        try outcome(step, .backward, .succeeded(result: nil), sourceLocation: sourceLocation)
    }

    @discardableResult
    mutating func verb(
        _ verb: OperatorVerb.Verb, at step: StepName? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [SagaEvent] {
        let request = OperatorVerb(verb: verb, step: step, actor: "ada", reason: "asked by the customer")
        return try input(.verb(request), sourceLocation: sourceLocation)
    }
}

extension SagaEvent {
    /// The event as it comes back from the log.
    func storedAndRead() throws -> SagaEvent {
        let stored = try EventCoding().encode(self)
        return try EventCoding().decode(stored: stored.type, data: JSONValue(json: stored.data))
    }

    /// The event in short, for tables: its stored type, its step, its attempt.
    var short: String {
        let children = Mirror(reflecting: self).children.first
        let values = children.map { Mirror(reflecting: $0.value).children.map { ($0.label ?? "", $0.value) } } ?? []
        let step = values.first { $0.0 == "step" }.map { " \($0.1)" } ?? ""
        let attempt = values.first { $0.0 == "attempt" }.map { " #\($0.1)" } ?? ""
        return (children?.label ?? "\(self)") + step + attempt
    }
}
