import EventSourcing
import Testing

@testable import Sagas

/// The way back (SG1, SG2, SG5, SG6).
@Suite struct CompensationTests {
    @Test func `SG1: a refused pivot undoes every step in reverse order of completion`() throws {
        var saga = try refusedAtPivot()
        #expect(saga.state.direction == .backward && saga.state.step == "hold-room")
        #expect(saga.state.failure == "step 'capture-payment' was refused: the card was declined")
        #expect(try saga.undone("hold-room").map(\.short) == ["stepUndone hold-room #1", "undoStarted hold-seat #1"])
        #expect(SagaAction(saga.state) == .undo("hold-seat", attempt: 1))
        #expect(try saga.undone("hold-seat").map(\.short) == ["stepUndone hold-seat #1", "compensated"])
        #expect(saga.state.status == .compensated && saga.state.undone.map(\.step) == ["hold-room", "hold-seat"])
    }

    @Test func `a step that was refused at its first attempt is not undone, for it has not happened`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        #expect(
            try saga.outcome("hold-seat", .forward, .refused(reason: "taken")).map(\.short) == [
                "stepFailed hold-seat #1", "compensationStarted", "compensated",
            ])
    }

    @Test func `SG2: a step that was refused after an attempt in doubt is undone`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.outcome("hold-seat", .forward, .failed(error: "timed out"))
        try saga.due()
        #expect(
            try saga.outcome("hold-seat", .forward, .refused(reason: "taken")).map(\.short) == [
                "stepFailed hold-seat #2", "compensationStarted", "undoStarted hold-seat #1",
            ])
    }

    @Test
    func `SG5: an undo that fails is tried again by its policy, then needs attention, and is never counted as done`()
        throws
    {
        var saga = try refusedAtPivot()
        try saga.undone("hold-room")
        #expect(
            try saga.outcome("hold-seat", .backward, .failed(error: "down")).map(\.short) == [
                "undoAttemptFailed hold-seat #1"
            ])
        #expect(saga.state.waitingFor == .retry && saga.state.dueAt == saga.now.adding(.seconds(5)))
        #expect(try saga.due().map(\.short) == ["undoStarted hold-seat #2"])
        #expect(
            try saga.outcome("hold-seat", .backward, .refused(reason: "who are you?")).map(\.short) == [
                "attentionNeeded hold-seat"
            ])
        #expect(saga.state.status == .needsAttention && saga.state.undone.map(\.step) == ["hold-room"])
        #expect(saga.state.reason?.contains("who are you?") == true)
        // It can be resumed.
        #expect(try saga.verb(.retry).map(\.short) == ["retriedByOperator hold-seat", "undoStarted hold-seat #3"])
        #expect(try saga.undone("hold-seat").last == .compensated)
    }

    @Test func `an undo command without a reply is sent again`() throws {
        var saga = try refusedAtPivot()
        #expect(try saga.due().map(\.short) == ["undoAttemptFailed hold-room #1"])
        #expect(try saga.due().map(\.short) == ["undoStarted hold-room #2"])
        #expect(saga.commands.map(\.attempt) == [1, 1, 2])
        #expect(Set(saga.commands.map(\.key)).count == 1)
    }

    @Test func `an undo whose worker was lost runs again at once`() throws {
        var saga = try refusedAtPivot()
        try saga.undone("hold-room")
        #expect(
            try saga.input(.interrupted).map(\.short) == ["undoAttemptFailed hold-seat #1", "undoStarted hold-seat #2"])
    }

    @Test
    func `SG6: a success that comes while its undo is under way gives the undo its result and is not undone twice`()
        throws
    {
        var saga = try roomTimedOut()
        let late = try saga.outcome("hold-room", .forward, attempt: 1, .succeeded(result: ["room": 7]))
        #expect(late.map(\.short) == ["lateOutcome hold-room #1"])
        #expect(saga.state.data.results["hold-room"] == ["room": 7])
        #expect(try saga.undone("hold-room").map(\.short) == ["stepUndone hold-room #1", "undoStarted hold-seat #1"])
        #expect(try saga.undone("hold-seat").last == .compensated)
    }

    @Test func `SG6: a success that comes after its undo, while the saga goes back, is undone again, once`() throws {
        var saga = try roomTimedOut()
        try saga.undone("hold-room")
        try saga.outcome("hold-room", .forward, attempt: 1, .succeeded(result: ["room": 7]))
        try saga.outcome("hold-room", .forward, attempt: 1, .succeeded(result: ["room": 7]))
        #expect(try saga.undone("hold-seat").map(\.short) == ["stepUndone hold-seat #1", "undoStarted hold-room #2"])
        #expect(try saga.undone("hold-room").map(\.short) == ["stepUndone hold-room #2", "compensated"])
        #expect(
            try saga.outcome("hold-room", .forward, attempt: 1, .succeeded(result: ["room": 7])).map(\.short) == [
                "lateOutcome hold-room #1"
            ])
        #expect(saga.state.status == .compensated)
    }

    @Test func `SG6: a pivot that has happened after all, while the saga goes back, needs attention`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.done("hold-seat", SeatHold(code: "x"))
        try saga.done("hold-room", RoomHold(room: 7))
        try saga.outcome("capture-payment", .forward, .failed(error: "timed out"))
        try saga.due()
        try saga.outcome("capture-payment", .forward, .refused(reason: "the card was declined"))
        #expect(saga.state.direction == .backward && saga.state.step == "hold-room")
        let late = StepOutcome.Result.succeeded(result: ["amount": 90])
        #expect(
            try saga.outcome("capture-payment", .forward, attempt: 1, late).map(\.short) == [
                "lateOutcome capture-payment #1", "attentionNeeded capture-payment",
            ])
        #expect(saga.state.status == .needsAttention && saga.state.direction == .backward && saga.state.dueAt == nil)
        #expect(saga.state.data.results["capture-payment"] == ["amount": 90])
        #expect(try saga.outcome("capture-payment", .forward, attempt: 1, late).count == 1, "it is said once")
        // There is no undo to retry; when somebody has paid the money back, the undoing goes on.
        #expect(try saga.verb(.retry).map(\.short) == ["operatorRefused"])
        #expect(
            try saga.verb(.skip).map(\.short) == ["skippedByOperator capture-payment", "undoStarted hold-room #2"])
        try saga.undone("hold-room")
        #expect(try saga.undone("hold-seat").last == .compensated)
    }

    @Test func `an ended saga only records what comes late`() throws {
        var saga = try refusedAtPivot()
        try saga.undone("hold-room")
        try saga.undone("hold-seat")
        let end = saga.state
        try saga.outcome("hold-seat", .backward, attempt: 1, .succeeded(result: nil))
        try saga.outcome("capture-payment", .forward, attempt: 1, .refused(reason: "again"))
        #expect(try saga.input(.due).isEmpty && saga.input(.interrupted).isEmpty)
        #expect(saga.state == end)
    }

    @Test func `an undo gets nil when the outcome is unknown, and the result when it is known`() async throws {
        struct Probe: Saga {
            static let name: SagaName = "probe"
            struct State: Codable { var seat: SeatHold? }
            let told: @Sendable (SeatHold?) -> Void
            var steps: Steps {
                Compensatable("hold", into: \.seat) { _ in
                    SeatHold(code: "x")
                } undo: { _, seat in
                    told(seat)
                }
            }
        }
        try await confirmation(expectedCount: 2) { called in
            let probe = Probe(told: {
                #expect($0 == nil || $0?.code == "late")
                called()
            })
            let undo = try #require(try SagaDefinition(probe)["hold"]?.backward?.call)
            let context = StepContext(saga: "probe", id: "1")
            _ = try await undo(context, 1, SagaData(input: [:]))
            _ = try await undo(context, 1, SagaData(input: [:], results: ["hold": ["code": "late"]]))
        }
    }

    private func refusedAtPivot() throws -> SagaScript {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.done("hold-seat", SeatHold(code: "x"))
        try saga.done("hold-room", RoomHold(room: 7))
        #expect(
            try saga.outcome("capture-payment", .forward, .refused(reason: "the card was declined")).map(\.short) == [
                "stepFailed capture-payment #1", "compensationStarted", "undoStarted hold-room #1",
            ])
        return saga
    }

    private func roomTimedOut() throws -> SagaScript {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.done("hold-seat", SeatHold(code: "x"))
        try saga.due()
        #expect(saga.state.direction == .backward && saga.state.step == "hold-room")
        return saga
    }
}
