import EventSourcing
import Testing

@testable import Sagas

/// SG2, SG6: answers that come late, and twice, and what an operator's retry leaves in doubt.
@Suite struct LateOutcomeTests {
    private let done = StepOutcome.Result.succeeded(result: ["room": 7])

    @Test func `SG6: an undo that is reported twice does not hide a success that comes after it`() throws {
        var saga = try goingBack()
        #expect(
            try saga.outcome("hold-room", .backward, attempt: 1, .succeeded(result: nil)).map(\.short) == [
                "lateOutcome hold-room #1"
            ])
        try saga.outcome("hold-room", .forward, attempt: 1, done)
        #expect(try saga.undone("hold-seat").map(\.short) == ["stepUndone hold-seat #1", "undoStarted hold-room #2"])
    }

    @Test func `SG6: an undo from before a late success does not count as that success's undo`() throws {
        var saga = try goingBack()
        try saga.outcome("hold-room", .forward, attempt: 1, done)
        try saga.undone("hold-seat")
        #expect(saga.state.step == "hold-room" && saga.state.attempt == 2)
        #expect(
            try saga.outcome("hold-room", .backward, attempt: 1, .succeeded(result: nil)).map(\.short) == [
                "lateOutcome hold-room #1"
            ])
        #expect(!saga.state.isFinished && saga.state.step == "hold-room")
        // Tried again, it is any attempt since that counts.
        #expect(try saga.due().map(\.short) == ["undoAttemptFailed hold-room #2"])
        #expect(try saga.due().map(\.short) == ["undoStarted hold-room #3"])
        #expect(
            try saga.outcome("hold-room", .backward, attempt: 2, .succeeded(result: nil)).map(\.short) == [
                "stepUndone hold-room #2", "compensated",
            ])
    }

    @Test func `SG2: a step that an operator had tried again, while its reply was awaited, may have happened`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.done("hold-seat", SeatHold(code: "x"))
        #expect(saga.state.step == "hold-room" && saga.state.waitingFor == .reply)
        #expect(
            try saga.verb(.retry).map(\.short) == ["retriedByOperator hold-room", "stepStarted hold-room #2"])
        #expect(
            try saga.outcome("hold-room", .forward, .refused(reason: "full")).map(\.short) == [
                "stepFailed hold-room #2", "compensationStarted", "undoStarted hold-room #1",
            ])
    }

    @Test func `SG2: a step whose outcome could not be stored may have happened when it is tried again`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        #expect(try saga.input(.unwritable("too long")).map(\.short) == ["attentionNeeded hold-seat"])
        #expect(
            try saga.verb(.retry).map(\.short) == ["retriedByOperator hold-seat", "stepStarted hold-seat #2"])
        #expect(
            try saga.outcome("hold-seat", .forward, .refused(reason: "taken")).map(\.short) == [
                "stepFailed hold-seat #2", "compensationStarted", "undoStarted hold-seat #1",
            ])
    }

    /// A room whose command was given up is undone, and the seat before it is being undone.
    private func goingBack() throws -> SagaScript {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.done("hold-seat", SeatHold(code: "x"))
        try saga.due()
        #expect(saga.state.direction == .backward && saga.state.step == "hold-room")
        #expect(try saga.undone("hold-room").map(\.short) == ["stepUndone hold-room #1", "undoStarted hold-seat #1"])
        return saga
    }
}
