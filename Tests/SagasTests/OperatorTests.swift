import EventSourcing
import Testing

@testable import Sagas

/// SG11: what an operator asks is a fact with actor and reason, whether it is done or refused.
@Suite struct OperatorTests {
    @Test func `retry tries the step again with its attempts counted anew`() throws {
        var saga = try stuckPivot()
        #expect(
            try saga.verb(.retry).map(\.short) == [
                "retriedByOperator capture-payment", "stepStarted capture-payment #3",
            ])
        #expect(
            try saga.outcome("capture-payment", .forward, .failed(error: "down")).map(\.short) == [
                "attemptFailed capture-payment #3"
            ])
        #expect(
            try saga.verb(.retry, at: "capture-payment").map(\.short) == [
                "retriedByOperator capture-payment", "stepStarted capture-payment #4",
            ])
    }

    @Test func `set-result goes on as if the step had returned it, and is held to the step's type`() throws {
        var saga = try stuckPivot()
        #expect(try saga.verb(.setResult(result: ["amount": "ninety"])).map(\.short) == ["operatorRefused"])
        #expect(saga.state.status == .needsAttention)
        #expect(
            try saga.verb(.setResult(result: ["amount": 90])) == [
                .resultSetByOperator(
                    step: "capture-payment", result: ["amount": 90], actor: "ada", reason: "asked by the customer"),
                .timerSet(step: "cool-off", attempt: 1, due: saga.now.adding(.seconds(3))),
            ])
    }

    @Test func `skip goes on past a step, a pause, or an undo that was done by hand`() throws {
        var saga = try stuckPivot()
        #expect(try saga.verb(.skip).map(\.short) == ["skippedByOperator capture-payment", "timerSet cool-off #1"])
        #expect(try saga.verb(.retry).map(\.short) == ["operatorRefused"])
        #expect(try saga.verb(.skip).map(\.short) == ["skippedByOperator cool-off", "stepStarted issue-ticket #1"])

        var back = try SagaScript(BookTrip(), BookTrip.input)
        try back.due()
        try back.done("hold-seat", SeatHold(code: "x"))
        try back.due()
        #expect(try back.verb(.setResult(result: ["room": 1])).map(\.short) == ["operatorRefused"])
        #expect(try back.verb(.skip).map(\.short) == ["skippedByOperator hold-room", "undoStarted hold-seat #1"])
    }

    @Test func `a step that was skipped on the way forward is undone all the same, for it may have happened`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.outcome("hold-seat", .forward, .failed(error: "down"))
        try saga.verb(.skip)
        #expect(saga.state.step == "hold-room")
        try saga.outcome("hold-room", .forward, .refused(reason: "full"))
        #expect(saga.state.direction == .backward && saga.state.step == "hold-seat")
    }

    @Test func `what does not fit the state is refused with the reason, and recorded`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        #expect(try objection(saga.verb(.retry)) == "the saga has not begun its first step")
        try saga.due()
        #expect(try objection(saga.verb(.skip)) == "'hold-seat' is running (attempt 1): wait for its outcome")
        #expect(
            try objection(saga.verb(.retry, at: "issue-ticket"))
                == "the saga is no longer at 'issue-ticket' but at 'hold-seat'")
        try saga.outcome("hold-seat", .forward, .refused(reason: "taken"))
        #expect(try objection(saga.verb(.retry)) == "the saga has ended: compensated")
    }

    private func objection(_ events: [SagaEvent]) -> String? {
        guard case .operatorRefused(_, "ada", "asked by the customer", let because) = events.first else { return nil }
        return because
    }

    private func stuckPivot() throws -> SagaScript {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.done("hold-seat", SeatHold(code: "x"))
        try saga.done("hold-room", RoomHold(room: 7))
        try saga.outcome("capture-payment", .forward, .failed(error: "down"))
        try saga.due()
        try saga.outcome("capture-payment", .forward, .failed(error: "down"))
        #expect(saga.state.status == .needsAttention)
        return saga
    }
}
