import Testing

@testable import Sagas

/// A saga that stands at a step its definition no longer has must not wait for ever (SG12).
@Suite struct MissingStepTests {
    @Test(arguments: [SagaInput.interrupted, .due])
    func `SG12: a call of a step that is gone needs attention`(input: SagaInput) throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        #expect(SagaAction(saga.state) == .perform("hold-seat", attempt: 1))
        #expect(try saga.after(input) == ["attentionNeeded hold-seat"])
    }

    @Test func `SG12: an undo of a step that is gone needs attention`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.outcome("hold-seat", .forward, .failed(error: "down"))
        try saga.due()
        try saga.outcome("hold-seat", .forward, .refused(reason: "no"))
        #expect(SagaAction(saga.state) == .undo("hold-seat", attempt: 1))
        #expect(try saga.after(.interrupted) == ["attentionNeeded hold-seat"])
    }

    @Test func `SG12: a reply, or a next attempt, of a step that is gone is not waited for beyond its time`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        var retrying = saga
        try retrying.outcome("hold-seat", .forward, .failed(error: "down"))
        #expect(retrying.state.waitingFor == .retry)
        #expect(try retrying.after(.due) == ["attentionNeeded hold-seat"])
        try saga.done("hold-seat", SeatHold(code: "x"))
        #expect(saga.state.waitingFor == .reply)
        #expect(try saga.after(.due) == ["attentionNeeded hold-room"])
    }
}

extension SagaScript {
    /// What an input does, when the saga's time has come, under a definition that has only the pivot left.
    fileprivate func after(_ input: SagaInput) throws -> [String] {
        struct Shrunk: Saga {
            static let name: SagaName = "book-trip"
            typealias State = BookTrip.State
            var steps: Steps {
                Pivot("capture-payment", into: \.receipt) { trip in Receipt(amount: trip.price) }
            }
        }
        var machine = SagaMachine(try SagaDefinition(Shrunk()), machine.context, state)
        var random = SeededGenerator(seed: 1)
        let transition = machine.handle(input, at: state.dueAt ?? now, using: &random)
        #expect(machine.state.status == .needsAttention && machine.state.reason?.contains("has no step") == true)
        return transition.events.map(\.short)
    }
}
