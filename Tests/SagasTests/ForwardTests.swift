import EventSourcing
import Foundation
import Testing

@testable import Sagas

/// The way forward (SG1, SG7 as far as it is pure).
@Suite struct ForwardTests {
    @Test
    func `a saga whose steps succeed completes, the result of a step and the intent of the next in one transition`()
        throws
    {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        #expect(try saga.due().map(\.short) == ["stepStarted hold-seat #1"])
        #expect(saga.state.status == .running && SagaAction(saga.state) == .perform("hold-seat", attempt: 1))

        let seated = try saga.done("hold-seat", SeatHold(code: "x"))
        #expect(seated.map(\.short) == ["stepSucceeded hold-seat #1", "stepStarted hold-room #1"])
        #expect(saga.state.waitingFor == .reply && SagaAction(saga.state) == nil)
        #expect(
            saga.commands.map(\.body.type) == ["hold-room"]
                && saga.commands.map(\.key.rawValue) == ["book-trip/42/hold-room"])

        #expect(
            try saga.done("hold-room", RoomHold(room: 7)).map(\.short) == [
                "stepSucceeded hold-room #1", "stepStarted capture-payment #1",
            ])
        #expect(
            try saga.done("capture-payment", Receipt(amount: 90)).map(\.short) == [
                "stepSucceeded capture-payment #1", "timerSet cool-off #1",
            ])
        #expect(saga.state.dueAt == saga.now.adding(.seconds(3)))
        #expect(try saga.due().map(\.short) == ["timerFired cool-off", "stepStarted issue-ticket #1"])
        #expect(
            try saga.done("issue-ticket", Ticket(number: "T")).map(\.short) == [
                "stepSucceeded issue-ticket #1", "completed",
            ])
        #expect(saga.state.status == .completed && saga.state.dueAt == nil)
        #expect(saga.state.data.results["hold-room"] == ["room": 7])
    }

    @Test func `a step whose condition does not hold is passed over`() throws {
        let input = BookTrip.State(booking: "b1", seatNumber: "A1", price: 90, wantsRoom: false)
        var saga = try SagaScript(BookTrip(), input)
        try saga.due()
        #expect(
            try saga.done("hold-seat", SeatHold(code: "x")).map(\.short) == [
                "stepSucceeded hold-seat #1", "stepPassedOver hold-room", "stepStarted capture-payment #1",
            ])
        #expect(saga.commands.isEmpty)
    }

    @Test func `SG7: nothing happens before it is due`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        saga.now = try #require(saga.state.dueAt).addingTimeInterval(-0.001)
        #expect(try saga.input(.due).isEmpty)
    }

    @Test func `an unknown outcome is tried again after a pause, under the same key, until the policy ends`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        for attempt in 1...2 {
            let failed = try saga.outcome("hold-seat", .forward, .failed(error: "timed out"))
            #expect(failed.map(\.short) == ["attemptFailed hold-seat #\(attempt)"])
            #expect(saga.state.waitingFor == .retry && saga.state.dueAt == saga.now.adding(.seconds(1)))
            #expect(saga.state.reason == "timed out")
            #expect(try saga.due().map(\.short) == ["stepStarted hold-seat #\(attempt + 1)"])
        }
        #expect(
            try saga.outcome("hold-seat", .forward, .failed(error: "timed out")).map(\.short) == [
                "stepFailed hold-seat #3", "compensationStarted", "undoStarted hold-seat #1",
            ])
    }

    @Test func `a call that a lost worker ran counts as an attempt and runs again at once`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        #expect(
            try saga.input(.interrupted).map(\.short) == ["attemptFailed hold-seat #1", "stepStarted hold-seat #2"])
        try saga.input(.interrupted)
        // A call that kills its worker every time must not do so for ever.
        #expect(
            try saga.input(.interrupted).map(\.short) == [
                "stepFailed hold-seat #3", "compensationStarted", "undoStarted hold-seat #1",
            ])
    }

    @Test func `the success of any attempt is the step's, also while the next one is being waited for`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.outcome("hold-seat", .forward, .failed(error: "timed out"))
        #expect(
            try saga.outcome("hold-seat", .forward, attempt: 1, .succeeded(result: ["code": "x"])).map(\.short) == [
                "stepSucceeded hold-seat #1", "stepStarted hold-room #1",
            ])
    }

    @Test func `a failure of an attempt that is no longer the latest decides nothing`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.outcome("hold-seat", .forward, .failed(error: "timed out"))
        try saga.due()
        #expect(
            try saga.outcome("hold-seat", .forward, attempt: 1, .refused(reason: "gone")).map(\.short) == [
                "lateOutcome hold-seat #1"
            ])
        #expect(saga.state.status == .running && saga.state.attempt == 2)
    }

    @Test func `SG6: a reply is applied once, a duplicate is only recorded`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.done("hold-seat", SeatHold(code: "x"))
        try saga.done("hold-room", RoomHold(room: 7))
        let before = saga.state
        #expect(
            try saga.outcome("hold-room", .forward, attempt: 1, .succeeded(result: ["room": 8])).map(\.short) == [
                "lateOutcome hold-room #1"
            ])
        #expect(saga.state == before)
    }

    @Test func `a command without a reply in its time is given up as unknown, and the late room is released too`()
        throws
    {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.done("hold-seat", SeatHold(code: "x"))
        #expect(saga.state.dueAt == saga.now.adding(.seconds(30)))
        #expect(
            try saga.due().map(\.short) == [
                "stepFailed hold-room #1", "compensationStarted", "undoStarted hold-room #1",
            ])
        #expect(saga.commands.map(\.body.type) == ["hold-room", "release-room"])
        #expect(Set(saga.commands.map(\.key)).count == 1)
    }

    @Test func `a pivot whose outcome stays unknown needs attention, and a late answer settles it`() throws {
        var saga = try atPivot()
        try saga.outcome("capture-payment", .forward, .failed(error: "connection reset"))
        try saga.due()
        #expect(
            try saga.outcome("capture-payment", .forward, .failed(error: "connection reset")).map(\.short) == [
                "attentionNeeded capture-payment"
            ])
        #expect(saga.state.status == .needsAttention && saga.state.dueAt == nil)
        #expect(saga.state.reason?.contains("not known") == true)
        #expect(
            try saga.outcome("capture-payment", .forward, attempt: 1, .succeeded(result: ["amount": 90])).map(\.short)
                == [
                    "stepSucceeded capture-payment #1", "timerSet cool-off #1",
                ])
    }

    @Test func `after the pivot the saga never goes back: errors are retried without limit, a refusal needs attention`()
        throws
    {
        var saga = try atPivot()
        try saga.done("capture-payment", Receipt(amount: 90))
        try saga.due()
        for _ in 0..<40 {
            #expect(try saga.outcome("issue-ticket", .forward, .failed(error: "down")).count == 1)
            try saga.due()
        }
        #expect(saga.state.status == .running && saga.state.attempt == 41)
        #expect(
            try saga.outcome("issue-ticket", .forward, .refused(reason: "no paper")).map(\.short) == [
                "attentionNeeded issue-ticket"
            ])
        #expect(saga.state.direction == .forward && saga.state.reason?.contains("no paper") == true)
    }

    @Test func `a result that does not fit the step's type counts as unknown`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        #expect(
            try saga.outcome("hold-seat", .forward, .succeeded(result: ["code": 7])).map(\.short) == [
                "attemptFailed hold-seat #1"
            ])
    }

    private func atPivot() throws -> SagaScript {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.done("hold-seat", SeatHold(code: "x"))
        try saga.done("hold-room", RoomHold(room: 7))
        return saga
    }
}
